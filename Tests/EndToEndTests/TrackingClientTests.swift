import Foundation
import Primitives
import Testing

extension EndToEnd {
  @Suite struct TrackingClients {
    @Test func `the clients of PyPI deliver all six calls without an error, gzip on and off`() async throws {
      let folder = try ScratchFolder()
      let server = try await RunningServer(data: folder.path)
      let client = Client(server.url)
      let script = Program.root.appending(path: "Tests/EndToEndTests/clients/tracking_client.py").path
      for library in ["segment", "rudder"] {
        for gzip in ["on", "off"] {
          let output = try await Program.run(
            Program.python, [script, library, server.url, RunningServer.adminKey, gzip])
          #expect(output.status == 0, "\(library): \(output.errors)")
          let result = try JSONValue(parsing: output.text)
          #expect(result["errors"] == [], "\(library), gzip \(gzip)")

          let person = "\(library)-\(gzip)"
          let profile = try await client.get("/v1/profiles?user_id=\(person)").json
          #expect(profile["traits"]?["plan"] == "gold", "\(person): \(profile.text)")
          #expect(profile["consent"]?["personalization"]?["granted"] == false, "\(person): \(profile.text)")
          #expect(try await client.messageIDs(ofUser: person).count == 156, "\(person)")
        }
      }
      #expect(await server.stop() == 0)
    }
  }
}
