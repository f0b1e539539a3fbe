import Foundation
import Primitives
import Testing

extension EndToEnd {
  @Suite struct Examples {
    @Test func `the bookshop shows what its definitions ask for`() async throws {
      let folder = try ScratchFolder()
      let script = Program.root.appending(path: "Examples/bookshop/run.sh").path
      let output = try await Program.run(
        script, ["\(folder.path)/data"], environment: ["ATTUNE": Program.binary], folder: folder.path)
      #expect(output.status == 0, "\(output.text)\(output.errors)")
      let line = try #require(output.text.split(separator: "\n").first { $0.hasPrefix("{") })
      let answer = try JSONValue(parsing: String(line))
      let shown = (answer["items"]?.array ?? []).compactMap { $0["item_id"]?.string }
      #expect(shown.count == 4, "\(shown)")
      #expect(!shown.contains("dune"), "Ada has bought it")
      #expect(!shown.contains("gorky-park"), "it is sold out")
      #expect(!shown.contains("field-guide-birds"), "it is too dear for the front page")
    }
  }
}
