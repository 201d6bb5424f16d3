"""A line between browser and studio that a test can cut."""

import contextlib
import socket
import threading


class Proxy:
    """Passes TCP connections on to the studio at the address ``target``, which may be changed, until it is cut."""

    def __init__(self) -> None:
        self.target = ""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._whole = True
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Cut it for good."""
        self.cut()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def cut(self) -> None:
        """End all connections, and every new one at once."""
        with self._lock:
            self._whole = False
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Pass connections on again."""
        self._whole = True

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        port = int(self.target.rstrip("/").rpartition(":")[2])
        with browser, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as studio:
            ends = {browser, studio}
            with self._lock:
                if not self._whole:
                    return
                self._open |= ends
            back = threading.Thread(target=_pass_on, args=(studio, browser), daemon=True)
            back.start()
            _pass_on(browser, studio)
            back.join()
            with self._lock:
                self._open -= ends


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)
