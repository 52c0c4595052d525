"""Every expectation of the shipped scenarios, asked four ways: the package, the command line, HTTP and the server of assistants
give one document."""

import json
import os
import pathlib
import subprocess
import unittest
import urllib.error
import urllib.request

import pathproof
from test_network import ROOT, program


class Server:
    """`pathproof serve` of all shipped scenarios."""

    def __init__(self):
        words = [os.environ["PATHPROOF"], "serve", "scenarios", "--port", "0"]
        self.process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().split()[0]

    def ask(self, fields):
        body = json.dumps(fields).encode()
        request = urllib.request.Request(self.address + "api/trace", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            return json.load(refused)

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Assistant:
    """`pathproof mcp`, asked over its standard input."""

    def __init__(self):
        words = [os.environ["PATHPROOF"], "mcp"]
        self.process = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.number = 0
        client = {"name": "test", "version": "1"}
        self.request("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client})
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def send(self, message):
        print(json.dumps(message), file=self.process.stdin, flush=True)

    def request(self, method, params):
        self.number += 1
        self.send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        while True:
            message = json.loads(self.process.stdout.readline())
            if message.get("id") == self.number:
                return message["result"]

    def ask(self, fields):
        return self.request("tools/call", {"name": "trace", "arguments": fields})["structuredContent"]

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def asked_in(path):
    """The traces that the expectations of a file ask for."""
    network = pathproof.load(path)
    for stage in network.list()["files"][0]["stages"]:
        for one in stage["expectations"]:
            fields = {"file": path, "from": one["from"], "to": one["to"], "service": one["service"]}
            if stage["name"] is not None:
                fields["at"] = stage["name"]
            yield network, fields


class OneDocument(unittest.TestCase):
    def test_all_voices_say_the_same(self):
        os.chdir(ROOT)
        server, assistant = Server(), Assistant()
        self.addCleanup(server.end)
        self.addCleanup(assistant.end)
        asked = 0
        for path in sorted(map(str, pathlib.Path("scenarios").rglob("*.ron"))):
            for network, fields in asked_in(path):
                with self.subTest(**fields):
                    said = server.ask(fields)
                    self.assertEqual(assistant.ask(fields), said)
                    words = ["trace", path, "--from", fields["from"], "--to", fields["to"], "--service", fields["service"]]
                    words += ["--at", fields["at"]] if "at" in fields else []
                    self.assertEqual(json.loads(program(*words, "--format", "json")), said)
                    try:
                        own = network.trace(fields["from"], fields["to"], fields["service"], at=fields.get("at"))
                    except pathproof.PathproofError as error:
                        self.assertEqual(error.code, said["diagnostics"][0]["code"])
                    else:
                        self.assertEqual(own, said)
                    asked += 1
        self.assertGreater(asked, 1000)
        print(f"one document of {asked} traces, four ways")


if __name__ == "__main__":
    unittest.main()
