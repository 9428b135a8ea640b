"""A remote folder in memory whose content can change at any look or read; no server, no files."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from connectors.fetch.remote_folder import Entry, RemoteChanged, RemoteFile

JANUARY = 1735689600.0  # 1 January 2025, 00:00 UTC


class Memory:
    """Files by path, each with content and mark; ``before`` is called before every look ("list") and read ("read")."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = dict(files)
        self.marks: dict[str, str] = {}
        self.links: set[str] = set()
        self.begins: list[int] = []
        self.before: Callable[[str], None] = lambda what: None

    def list_entries(self, folder: str) -> Iterator[Entry]:
        if not folder:
            self.before("list")
        prefix = f"{folder}/" if folder else ""
        below = {path.removeprefix(prefix): path for path in self.files if path.startswith(prefix)}
        if folder and not below:
            raise RemoteChanged
        for name in sorted({rest.split("/")[0] for rest in below if "/" in rest}):
            yield Entry(name, is_folder=True)
        for rest, path in below.items():
            if "/" not in rest:
                size, mark = len(self.files[path]), self.marks.get(path, "1")
                yield Entry(rest, False, size, mark, JANUARY, path not in self.links)

    def read(self, file: RemoteFile, begin: int) -> tuple[int, Iterator[bytes]]:
        self.before("read")
        if file.path not in self.files or self.marks.get(file.path, "1") != file.mark:
            raise RemoteChanged
        self.begins.append(begin)
        content = self.files[file.path][begin:]
        return begin, iter([content[i : i + 4] for i in range(0, len(content), 4)])
