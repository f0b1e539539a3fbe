/// Whether two numbers agree but for a share of the expected one.
func isClose(_ found: Double, _ expected: Double, relative: Double) -> Bool {
  abs(found - expected) <= relative * abs(expected) + 1e-300
}
