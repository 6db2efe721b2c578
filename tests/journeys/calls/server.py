"""A receiver of calls on this machine, which answers as it is told and keeps what it got."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """`answers` are statuses in turn (the last one stays); "drip" sends a byte now and then for ever."""

    def __init__(self, *answers, headers=()):
        self.answers, self.headers, self.got = list(answers), dict(headers), []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, dict(self.headers), body))
                status = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
                if status == "drip":
                    receiver.drip(self.wfile)
                    return
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(b"secret of the inside " * 10_000)

            def log_message(self, *_args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._stopped = threading.Event()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook?x=1"

    def drip(self, out):
        with contextlib.suppress(OSError):
            while not self._stopped.wait(0.02):
                out.write(b"H")
                out.flush()

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_raised):
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()
