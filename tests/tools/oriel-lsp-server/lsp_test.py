"""Drives oriel-lsp-server over its standard input and output, as an editor does.

lsp_test.py BIN_DIR
"""
import json
import subprocess
import sys
import unittest
from pathlib import Path

GOOD = """func.func @main(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %y = oriel.silu %x : (tensor<1x8xf32>) -> tensor<1x8xf32>
  return %y : tensor<1x8xf32>
}
"""
BAD = """func.func @main(%x: tensor<1x4x6x8xf32>) -> tensor<1x6x4x8xf32> {
  %p = oriel.window_partition %x {window = array<i64: 5, 5>} : (tensor<1x4x6x8xf32>) -> tensor<1x6x4x8xf32>
  return %p : tensor<1x6x4x8xf32>
}
"""


class Server:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.requests = 0
        self.notifications = []

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self):
        length = None
        while (line := self.process.stdout.readline().strip()) or length is None:
            if not line:
                raise EOFError("the server ended")
            name, value = line.split(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return json.loads(self.process.stdout.read(length))

    def request(self, method, params):
        self.requests += 1
        self.send({"id": self.requests, "method": method, "params": params})
        while (message := self.receive()).get("id") != self.requests:
            self.notifications.append(message)
        return message["result"]

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def open(self, uri, text):
        """Opens a file; returns its diagnostics."""
        self.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "mlir", "version": 1, "text": text}})
        while (message := self.receive()).get("method") != "textDocument/publishDiagnostics" or message["params"]["uri"] != uri:
            pass
        return message["params"]["diagnostics"]

    def hover(self, uri, line, character):
        position = {"line": line, "character": character}
        return self.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})["contents"]["value"]


class LanguageServer(unittest.TestCase):
    def setUp(self):
        self.server = Server(f"{BIN_DIR}/oriel-lsp-server")
        self.capabilities = self.server.request("initialize", {"processId": None, "capabilities": {}, "rootUri": None})["capabilities"]

    def tearDown(self):
        self.server.request("shutdown", None)
        self.server.notify("exit", None)
        self.server.process.stdin.close()
        self.assertEqual(self.server.process.wait(timeout=20), 0)
        self.server.process.stdout.close()

    def test_a_hover_says_what_an_op_is(self):
        self.assertTrue(self.capabilities["hoverProvider"])
        self.assertEqual(self.server.open("test:///good.mlir", GOOD), [])
        text = self.server.hover("test:///good.mlir", 1, 10)
        page = Path("docs/generated/dialect-oriel.md").read_text()
        summary = page.split("### `oriel.silu`")[1].split("_")[1]
        self.assertIn(summary, text)
        self.assertIn("Generic Form", text)
        self.assertNotIn("oriel.softmax", text)

    def test_a_hover_on_an_op_of_another_dialect_is_mlirs(self):
        self.server.open("test:///good.mlir", GOOD)
        self.assertTrue(self.server.hover("test:///good.mlir", 2, 4).startswith('"func.return"'))

    def test_errors_stand_at_their_line(self):
        diagnostics = self.server.open("test:///bad.mlir", BAD)
        self.assertEqual({item["range"]["start"]["line"] for item in diagnostics}, {1})
        self.assertIn("window", diagnostics[0]["message"])
        self.server.notify("textDocument/didChange", {
            "textDocument": {"uri": "test:///bad.mlir", "version": 2}, "contentChanges": [{"text": BAD.replace("5, 5", "2, 2")}]})
        while (message := self.server.receive()).get("method") != "textDocument/publishDiagnostics":
            pass
        self.assertEqual(message["params"]["diagnostics"], [])


BIN_DIR = sys.argv.pop(1)
unittest.main()
