"""`cdlint package`: decide, check, zip, upload, follow; each step is a room of `packaging/`."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack, contextmanager

from ..config import Configs
from ..packaging import archive, compress, files
from ..packaging.branch import decide
from ..packaging.errors import PackageError
from ..packaging.git import Git
from ..packaging.gitdir import GitFolder, Wish, refuse_remote
from ..packaging.settings import Settings
from ..packaging.zip_format import Zip
from .options import Options, UsageError
from .terminal import ByteProgress, complain, standard_output, wants_color, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..packaging.branch import Decision
    from ..packaging.entry import Stored
    from ..packaging.sending import Sender

#: The exit status where the pipeline failed, or did not end in time.
_PIPELINE_FAILED = 3


def run(options: Options) -> int:
    """Do what the options ask for; the exit status."""
    if options.config is not None and options.no_config:
        raise UsageError("--config and --no-config exclude each other")
    folder = options.folder or os.curdir
    if not os.path.isdir(folder):
        raise UsageError(f"{folder}: is no folder")
    configs = Configs(options.config, isolated=options.no_config)
    configured = configs.of(os.path.join(folder, "package")).package
    try:
        settings = Settings(vars(options), configured)
        with ExitStack() as stack:
            stack.enter_context(_ending_cleanly())
            return _Run(settings, configs, folder, stack).run()
    except PackageError as error:
        complain(str(error))
        return 2


@contextmanager
def _ending_cleanly() -> Iterator[None]:
    """Let SIGTERM, with which CI systems stop a build, end the run as Ctrl-C does: with nothing left behind."""
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Run:
    """One run. `facts` is what `--json` prints."""

    def __init__(self, settings: Settings, configs: Configs, folder: str, stack: ExitStack) -> None:
        self.settings = settings
        self.configs = configs
        self.folder = folder
        self.stack = stack
        self.facts: dict[str, object] = {"packed": False}
        self.git: Git | None = None
        self.compressor = compress.choose(settings.compressor, settings.level)
        if settings.git_remote is not None:
            refuse_remote(settings.git_remote)

    def run(self) -> int:
        settings = self.settings
        self.git = self._repository()
        decision = decide(os.environ, self.git, settings.branches, settings.ref)
        self.facts |= {"branch": decision.branch, "reason": decision.reason}
        if not decision.is_wanted and not settings.any_branch:
            self.say(f"nothing packed: {decision.reason}")
            return self.end(0)
        if decision.is_wanted:
            self.say(f"{decision.reason[0].upper()}{decision.reason[1:]}.")
        sender = self._sender()
        if sender is not None and not settings.dry_run:
            sender.begin()
        begun = None
        if self.git is not None and settings.ref is None and not settings.working_tree:
            begun = self.git.begin_changes()
        tree, listing = self._listing()
        if begun is not None and (count := Git.changes(begun)):
            listing.notes.append(files.of_changes(count))
        for note in listing.notes:
            self.say(f"note: {note}")
        self.facts |= {"commit": listing.commit, "files": len(listing.entries)}
        if not listing.entries:
            raise PackageError("there is no file to pack; look at --include and --exclude")
        if settings.check and not self._is_fine(listing):
            return 1
        if settings.dry_run:
            self._tell_plan(listing, sender)
            return self.end(0)
        return self._send(sender, self._pack(decision, tree, listing, sender), listing)

    # --- what is packed ---------------------------------------------------------------------------

    def _repository(self) -> Git | None:
        try:
            git = Git(self.folder)
        except PackageError:
            if self.settings.working_tree:
                return None
            raise
        self.stack.callback(git.close)
        return git

    def _listing(self) -> tuple[files.Tree | None, files.Listing]:
        settings, git = self.settings, self.git
        tree = None
        if git is None:
            listing = files.of_folder(
                self.folder, None, settings.include, settings.exclude, settings.output or ""
            )
        elif settings.working_tree:
            listing = files.of_folder(
                self.folder, git, settings.include, settings.exclude, settings.output or ""
            )
            if settings.git != "none" and listing.commit is not None:
                tree = files.wanted_tree(git, listing.commit, settings.include, settings.exclude)
        else:
            commit = git.commit(settings.ref or "HEAD")
            tree = files.wanted_tree(git, commit, settings.include, settings.exclude)
            listing = files.of_commit(git, commit, tree)
        if settings.git != "none" and (git is None or listing.commit is None):
            listing.notes.append("there is no commit, and so no .git in the package")
        return tree, listing

    def _is_fine(self, listing: files.Listing) -> bool:
        from .package_check import errors_in, told

        root = self.git.root if self.git is not None else self.folder
        results = errors_in(listing.entries, root, self.configs)
        if not results:
            return True
        stream = sys.stderr
        if stream is not None:
            stream.write(told(results, wants_color(None, stream)))
        count = sum(len(result.findings) for result in results)
        complain(
            f"nothing packed: {count} error{'s' * (count != 1)} in the delivery files "
            "(--no-check packs them all the same)"
        )
        self.facts |= {"errors": count}
        self.end(1)
        return False

    # --- the zip ----------------------------------------------------------------------------------

    @staticmethod
    def _progress(sender: Sender | None, shown: ByteProgress) -> Callable[[int, int], None]:
        """Shows how far it is, and stops it when AWS has said no meanwhile."""

        def at(done: int, total: int) -> None:
            if sender is not None and sender.has_failed:
                sender.prepared()
            shown.at(done, total)

        return at

    def _pack(
        self, decision: Decision, tree: files.Tree | None, listing: files.Listing, sender: Sender | None
    ) -> str:
        """Write the zip; its path."""
        settings = self.settings
        out = settings.output or self._temporary("package.zip")
        progress = ByteProgress("packing", settings.quiet or settings.json)
        mark, late = "", None
        if (
            settings.git != "none"
            and tree is not None
            and self.git is not None
            and listing.commit is not None
        ):
            wish = Wish(settings.git, listing.commit, decision.branch, settings.git_remote)
            folder = GitFolder(self.git, wish, tree)
            mark = "\0".join((wish.depth, wish.commit, wish.branch or "", wish.remote or ""))
            late = self._late(folder, tree, from_commit=not settings.working_tree)
        started = time.monotonic()
        try:
            written = archive.write(
                listing.entries,
                out,
                compressor=self.compressor,
                threads=settings.threads,
                late=late,
                mark=mark,
                progress=self._progress(sender, progress),
            )
        finally:
            progress.clear()
        self.facts |= {
            "packed": True,
            "files": written.count,
            "content_size": written.content_size,
            "size": written.size,
            "sha256": written.digest,
            "content_digest": written.content_digest,
            "compressor": written.compressor,
        }
        where = settings.output or "the zip"
        self.say(
            f"Packed {written.count:,} files ({_size(written.content_size)}) of "
            f"{listing.commit[:7] if listing.commit else 'the folder'} into {where}: {_size(written.size)} "
            f"in {time.monotonic() - started:.1f} s."
        )
        if settings.output:
            self.facts["output"] = settings.output
        return out

    def _late(
        self, folder: GitFolder, tree: files.Tree, from_commit: bool
    ) -> Callable[[Zip], Iterable[Stored]]:
        """What makes the entries of `.git` when those of the files are written."""

        def late(made: Zip) -> Iterator[Stored]:
            if self.settings.git == "full":
                yield from folder.entries(folder.full_pack(self._folder()))
            elif from_commit:
                yield from folder.entries(folder.shallow_pack(made, self.compressor))
            else:
                # The files are not those of the commit: its own are compressed beside them.
                with open(self._temporary("commit.zip"), "w+b", buffering=0) as file:
                    scratch = Zip(file)
                    for _ in archive.fill(scratch, tree.blobs, self.compressor, self.settings.threads):
                        pass
                    yield from folder.entries(folder.shallow_pack(scratch, self.compressor))

        return late

    def _folder(self) -> str:
        """A private folder that is gone after the run."""
        import tempfile

        return self.stack.enter_context(tempfile.TemporaryDirectory(prefix="cdlint-"))

    def _temporary(self, name: str) -> str:
        return os.path.join(self._folder(), name)

    # --- AWS --------------------------------------------------------------------------------------

    def _sender(self) -> Sender | None:
        if self.settings.output:
            return None
        from ..packaging.sending import Sender

        return Sender(self.settings, self.say)

    def _send(self, sender: Sender | None, path: str, listing: files.Listing) -> int:
        if sender is None:
            return self.end(0)
        sender.prepared()
        progress = ByteProgress("uploading", self.settings.quiet or self.settings.json)
        subject = self.git.subject(listing.commit) if self.git is not None and listing.commit else ""
        try:
            self.facts |= sender.upload(path, self.facts, subject, progress.at)
        finally:
            progress.clear()
        if not (self.settings.start or self.settings.wait):
            return self.end(0)
        outcome = sender.follow()
        self.facts |= outcome
        return self.end(0 if outcome.get("status") in ("Succeeded", "InProgress") else _PIPELINE_FAILED)

    # --- telling ----------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """A step, for people: on standard error, so that standard output has nothing but what scripts ask for."""
        if not self.settings.quiet and not self.settings.json:
            complain(text)

    def _tell_plan(self, listing: files.Listing, sender: Sender | None) -> None:
        total = sum(entry.size for entry in listing.entries)
        where = sender.describe() if sender is not None else self.settings.output
        self.facts |= {"content_size": total, "to": where}
        self.say(f"would pack {len(listing.entries):,} files ({_size(total)}) into {where}")

    def end(self, status: int) -> int:
        if self.settings.json or self.settings.report:
            import json

            told = json.dumps(self.facts, indent=2, sort_keys=True) + "\n"
            if self.settings.json:
                standard_output(machine=True).write(told)
            if self.settings.report:
                write_file(self.settings.report, told)
        return status


def _size(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
