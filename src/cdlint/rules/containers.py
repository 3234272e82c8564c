"""Calls of docker taken apart, and what is known of the image names in them: for the rules about docker."""

from __future__ import annotations

from ..model.buildspec import Buildspec
from ..syntax.shell.nodes import Word, closing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.buildspec import Command
    from ..model.scope import Scope, Setting
    from ..syntax.shell.nodes import Simple

    Option = tuple[str, Word, Word | None]

#: Programs that certainly build no image.
_HARMLESS = frozenset(
    """
    : [ [[ (( aws apt apt-get awk basename break cat cd chmod chown command continue cp curl cut date declare df
    dirname dnf docker du echo env exit export false file find fold git grep gunzip gzip head hostname id jq kubectl
    let ln local ls md5sum mkdir mktemp mv nohup openssl popd printenv printf pushd pwd read readonly return rm rmdir
    sed seq set sha256sum shift shopt sleep sort stat sudo tail tar tee test touch tr trap true type ulimit umask uname
    unset until unzip wait wc wget which xargs yq yum zip adduser apk base64 cosign dpkg eksctl envsubst gpg groupadd
    hadolint lsb_release newgrp nproc pgrep ps rsync service ssh systemctl trivy tree useradd usermod
    """.split()
)
#: Programs that build images only if they are told to by a file that is not seen here.
_UNLIKELY = frozenset(
    """
    bundle cargo composer java php ruby
    dotnet eslint go gradle gradlew helm mvn mvnw n node npm npx pip pip3 pnpm pytest python
    python3 terraform tox yarn dockerd
    """.split()
)
#: In the arguments of those, a sign that they are.
_TELLING = ("docker", "jib", "image", "container")
#: Options of `docker` itself that take a value.
_GLOBAL = frozenset(
    "--config -c --context -H --host -l --log-level --tlscacert --tlscert --tlskey --builder".split()
)
#: What stands before the verb without changing what it does: `docker image build`.
_GROUPS = frozenset("image container builder buildx".split())

#: Options with a value, by verb.
_VALUED = {
    "build": frozenset(
        """
        --add-host --allow --annotation --attest --build-arg --build-context --builder --cache-from --cache-to --call
        --cgroup-parent -c --cpu-shares --cpu-period --cpu-quota --cpuset-cpus --cpuset-mems -f --file --iidfile
        --isolation --label -m --memory --memory-swap --metadata-file --network --no-cache-filter -o --output
        --platform --progress --provenance --sbom --secret --security-opt --shm-size --ssh -t --tag --target --ulimit
        --policy
        """.split()
    ),
    "run": frozenset(
        """
        -a --attach --add-host --annotation --blkio-weight --blkio-weight-device --cap-add --cap-drop --cgroup-parent
        --cgroupns --cidfile --cpu-count --cpu-percent --cpu-period --cpu-quota --cpu-rt-period --cpu-rt-runtime -c
        --cpu-shares --cpus --cpuset-cpus --cpuset-mems --detach-keys --device --device-cgroup-rule --device-read-bps
        --device-read-iops --device-write-bps --device-write-iops --dns --dns-opt --dns-option --dns-search
        --domainname --entrypoint -e --env --env-file --expose --gpus --group-add --health-cmd --health-interval
        --health-retries --health-start-interval --health-start-period --health-timeout -h --hostname --io-maxbandwidth
        --io-maxiops --ip --ip6 --ipc --isolation --kernel-memory -l --label --label-file --link --link-local-ip
        --log-driver --log-opt --mac-address -m --memory --memory-reservation --memory-swap --memory-swappiness --mount
        --name --net --network --net-alias --network-alias --oom-score-adj --pid --pids-limit --platform -p --publish
        --pull --restart --runtime --security-opt --shm-size --stop-signal --stop-timeout --storage-opt --sysctl
        --tmpfs --ulimit -u --user --userns --uts -v --volume --volume-driver --volumes-from -w --workdir
        """.split()
    ),
    "exec": frozenset("--detach-keys -e --env --env-file -u --user -w --workdir".split()),
    "pull": frozenset(("--platform",)),
    "push": frozenset(("--platform",)),
    "login": frozenset("-u --username -p --password".split()),
    "commit": frozenset("-a --author -c --change -m --message".split()),
    "import": frozenset("-c --change -m --message --platform".split()),
    "load": frozenset("-i --input --platform".split()),
}
#: Options without a value, by verb.
_FLAGS = {
    "build": frozenset(
        """
        --check --compress -D --debug --disable-content-trust --force-rm --help --load --no-cache --pull --push -q
        --quiet --rm --squash
        """.split()
    ),
    "run": frozenset(
        """
        -d --detach --disable-content-trust --help --init -i --interactive --no-healthcheck --oom-kill-disable
        --privileged -P --publish-all -q --quiet --read-only --rm --sig-proxy -t --tty --use-api-socket
        """.split()
    ),
    "exec": frozenset("-d --detach -i --interactive --privileged -t --tty --help".split()),
    "pull": frozenset("-a --all-tags --disable-content-trust -q --quiet --help".split()),
    "push": frozenset("-a --all-tags --disable-content-trust -q --quiet --help".split()),
    "tag": frozenset(("--help",)),
    "login": frozenset(("--password-stdin", "--help")),
}
#: How many operands a verb takes.
OPERANDS = {"build": 1, "tag": 2, "push": 1, "pull": 1, "login": 1}
_NONE: frozenset[str] = frozenset()
#: Verbs behind whose first operand everything belongs to the container.
_PREFIXES = ("run", "create", "exec")


class Action:
    """One call of docker. `name` is its verb (`build`, also for `docker buildx build`), "" if unknown.

    `number` counts the items in the order they run. `open`: a word may stand for none or for several. `unknown`:
    there is an option that is not known here, so that operands may be values.
    """

    __slots__ = (
        "_template", "command", "name", "number", "open", "operands", "options", "simple", "unknown", "verb",
    )  # fmt: skip

    def __init__(self, command: Command, number: int, simple: Simple) -> None:
        self.command = command
        self.number = number
        self.simple = simple
        self.name = ""
        self.verb: Word | None = None
        self.operands: list[Word] = []
        self.options: list[Option] = []
        self.open = self.unknown = False
        self._template: bool | None = None
        rest = self._verb(simple.args)
        if self.verb is not None:
            self._read(rest)

    def _verb(self, words: list[Word]) -> list[Word]:
        """Find the verb; returns the words behind it."""
        at = 0
        group = ""
        while at < len(words):
            word = words[at]
            at += 1
            if word.plain[:1] == "-":
                at += word.plain in _GLOBAL
                continue
            literal = word.literal
            if literal is None:
                self.open = True
                return []
            if literal in _GROUPS and not group:
                group = literal
                continue
            self.verb = word
            self.name = "build" if (group, literal) == ("buildx", "b") else literal
            if group == "buildx" and self.name not in ("build", "bake"):
                self.name = "buildx " + literal
            return words[at:]
        return []

    def _read(self, words: list[Word]) -> None:
        kind = "run" if self.name == "create" else self.name
        valued = _VALUED.get(kind, _NONE)
        flags = _FLAGS.get(kind, _NONE)
        at, ended = 0, False
        while at < len(words):
            word = words[at]
            at += 1
            text = word.plain
            if ended or text[:1] != "-" or text == "-":
                self.operands.append(word)
                if is_loose(word) and not (self.name in _PREFIXES and len(self.operands) > 1):
                    self.open = True
                ended = ended or self.name in _PREFIXES
            elif text == "--":
                ended = True
            elif text.startswith("--"):
                at += self._long(word, words[at] if at < len(words) else None, valued, flags)
            else:
                at += self._short(word, words[at] if at < len(words) else None, valued, flags)
        if len(self.operands) == OPERANDS.get(self.name, -1) and (self.name != "build" or self.options):
            self.open = False  # `docker push $URI`: the variable is the operand

    def _long(self, word: Word, following: Word | None, valued: frozenset[str], flags: frozenset[str]) -> int:
        name, equals, _ = word.plain.partition("=")
        if equals:
            cut = word.raw.find("=") + 1
            self.options.append((name, word, Word(word.raw[cut:], word.start + cut)))
            self.unknown = self.unknown or name not in valued | flags
            return 0
        if name in valued:
            self.options.append((name, word, following))
            return 1
        self.options.append((name, word, None))
        self.unknown = self.unknown or name not in flags
        return 0

    def _short(
        self, word: Word, following: Word | None, valued: frozenset[str], flags: frozenset[str]
    ) -> int:
        letters = word.plain[1:]
        for n, letter in enumerate(letters):
            flag = "-" + letter
            if flag in valued:
                rest = letters[n + 1 :].removeprefix("=")
                if rest:
                    size = len(word.raw) - (n + 2)
                    glued = Word(word.raw[-size:], word.end - size)
                    self.options.append((flag, word, glued))
                    return 0
                self.options.append((flag, word, following))
                return 1
            self.unknown = self.unknown or flag not in flags
            if letters[n + 1 : n + 2] == "=":
                cut = word.raw.find("=") + 1
                self.options.append((flag, word, Word(word.raw[cut:], word.start + cut)))
                return 0
            self.options.append((flag, word, None))
        return 0

    def has(self, *names: str) -> bool:
        return any(name in names for name, _, _ in self.options)

    def values(self, *names: str) -> list[Word]:
        return [value for name, _, value in self.options if name in names and value is not None]

    @property
    def is_template(self) -> bool:
        """Placeholders are to be filled in before this is run: `{{ name }}`, `<your-registry>`."""
        if self._template is None:
            ops = {one.op for one in self.simple.redirects}
            self._template = (
                {"<", ">"} <= ops
                or self.command.script.broken
                or any("{{" in word.raw or "#{" in word.raw for word in self.simple.words)
            )
        return self._template


_pieces: dict[str, list[tuple[bool, str]]] = {}


def pieces(plain: str) -> list[tuple[bool, str]]:
    """`(is it fixed, text)` for the parts of a word without quotes; `${X}` and `$(…)` are not fixed."""
    found = _pieces.get(plain)
    if found is None:
        if len(_pieces) > 4000:
            _pieces.clear()
        found = _pieces[plain] = _cut(plain)
    return found


def _cut(plain: str) -> list[tuple[bool, str]]:
    found: list[tuple[bool, str]] = []
    at = begin = 0
    while at < len(plain):
        if plain[at] == "`" or plain.startswith(("$(", "${"), at):
            if at > begin:
                found.append((True, plain[begin:at]))
            end = closing(plain, at)
            found.append((False, plain[at:end]))
            at = begin = end
        else:
            at += 1
    if at > begin:
        found.append((True, plain[begin:at]))
    return found


def is_loose(word: Word) -> bool:
    """May it stand for no word at all, or for several: `$ARGS`, `"$@"`?"""
    if "$" not in word.raw and "`" not in word.raw:
        return False
    parts = pieces(word.plain)
    if any(not fixed and ("@" in text[:3] or "[@]" in text) for fixed, text in parts):
        return True
    return '"' not in word.raw and bool(parts) and not any(fixed for fixed, _ in parts)


class Containers:
    """The calls of docker in a buildspec, and the shapes of image names.

    A shape is a name in which a single character stands for each variable or substitution that is not known; the
    same character for the same one. `sure` of a shape is False if the project may set another value.
    """

    __slots__ = ("_marks", "_texts", "actions", "scope", "spec")

    def __init__(self, spec: Buildspec) -> None:
        from ..model.scope import scope_of

        self.spec = spec
        self._marks: dict[tuple[str, int], str] = {}
        self._texts: dict[str, str] = {}
        calls = spec.calls("docker")
        numbers = {id(command): n for n, (command, _) in enumerate(spec.scripts())} if calls else {}
        self.actions = [Action(command, numbers[id(command)], simple) for command, simple in calls]
        self.scope: Scope = scope_of(spec)

    def named(self, *names: str) -> list[Action]:
        return [action for action in self.actions if action.name in names]

    def shape(self, action: Action, word: Word) -> tuple[str, bool]:
        """`(shape, sure)` of a word of an action, with what the file says of its variables."""
        return self.at(word, action.number)

    def at(self, word: Word, number: int) -> tuple[str, bool]:
        """`(shape, sure)` of a word of the item with a number."""
        return self._shape(word.plain, number, word.start, 4)

    def written(self, word: Word) -> str:
        """The shape of a word as it is written, whatever its variables hold."""
        return self._shape(word.plain, 0, 0, 0)[0]

    def _shape(self, plain: str, item: int, start: int, depth: int) -> tuple[str, bool]:
        out: list[str] = []
        sure = True
        for fixed, text in pieces(plain):
            if fixed:
                out.append(text)
                continue
            setting = self._setting(text[2:-1], item, start) if depth and text.startswith("${") else None
            if setting is None:
                times = (
                    len(self.scope.before(text[2:-1], item, start)) if depth and self.scope is not None else 0
                )
                out.append(self._mark(text, times))
                continue
            if setting.assignment is None:
                out.append(setting.text or "")
                sure = False
                continue
            value = setting.assignment.value
            inner, inner_sure = self._shape(
                value.plain if value else "", setting.item, setting.start, depth - 1
            )
            out.append(inner)
            sure = sure and inner_sure
        return "".join(out), sure

    def _setting(self, name: str, item: int, start: int) -> Setting | None:
        """Where the value comes from, if that is one place."""
        if self.scope.is_open(item, start):
            return None
        found = self.scope.before(name, item, start)
        if not found or (not found[-1].always and len(found) > 1):
            return None
        last = found[-1]
        if last.assignment is None:
            return last if last.text else None
        made = last.assignment
        if made.op != "=" or made.array or not last.always:
            return None
        text = made.value.plain if made.value is not None else ""
        return None if "$(" in text or "`" in text or not text else last

    def _mark(self, text: str, times: int) -> str:
        """The character for what is unknown: another one as soon as the variable has been set again."""
        char = self._marks.get((text, times))
        if char is None:
            char = chr(0xE000 + len(self._marks) % 6000)
            self._marks[text, times] = char
            self._texts[char] = text
        return char

    def text(self, shape: str) -> str:
        """The shape as a shell writes it."""
        return "".join(self._texts.get(char, char) for char in shape)

    def settings(self, char: str) -> list[Setting]:
        """Where the variable behind a character of a shape is set."""
        text = self._texts.get(char, "")
        return self.scope.settings.get(text[2:-1], [])

    def variable(self, char: str) -> str:
        """Its name, or ""."""
        text = self._texts.get(char, "")
        return text[2:-1] if text.startswith("${") else ""

    def names(self) -> list[tuple[Action, Word]]:
        """`(action, word)` for everything that is an image's name."""
        found: list[tuple[Action, Word]] = []
        for action in self.actions:
            found += [(action, word) for word in image_words(action)]
        return found


def image_words(action: Action) -> list[Word]:
    """The words of an action that name an image."""
    if action.name == "build":
        return action.values("-t", "--tag")
    if action.name in ("tag", "push", "pull"):
        return action.operands
    if action.name in ("run", "create") and not action.unknown and not action.open:
        return action.operands[:1]
    return []


def made_names(action: Action) -> list[Word]:
    """The names that exist locally when an action is done."""
    if action.name == "build":
        return action.values("-t", "--tag")
    if action.name in ("tag", "commit", "import"):
        return action.operands[1:2]
    return action.operands[:1] if action.name == "pull" else []


def containers_of(spec: Buildspec) -> Containers:
    """The calls of docker; several rules ask for those of the same buildspec."""
    return spec.once(Containers)


def excused(simple: Simple) -> bool:
    """Is its failure reckoned with: `… || true`, `if …`, `! …`?"""
    inner: object = simple
    for around in simple.ancestors():
        if around.kind == "not" or (around.kind == "and_or" and "||" in around.ops):
            return True
        if any(inner in condition for condition in around.conditions):
            return True
        inner = around
    return False


def place(word: Word, part: str) -> tuple[int, int]:
    """Where a part of a word stands; the whole word if that is not clear."""
    at = word.raw.rfind(part)
    return (word.start + at, word.start + at + len(part)) if at >= 0 else (word.start, word.end)


def other_builders(spec: Buildspec, containers: Containers) -> bool | None:
    """True: nothing else builds images. False: probably not. None: something may."""
    if containers.named("bake", "compose", "load", "buildx imagetools", "manifest") or spec.calls(
        "docker-compose"
    ):
        return None
    if any(action.verb is None and action.open for action in containers.actions):
        return None
    certain = True
    for _, script in spec.scripts():
        for simple in script.commands:
            name = simple.name
            if not name and not simple.words:
                continue
            if name in _HARMLESS and not (
                name == "xargs" and "docker" in script.text[simple.start : simple.end]
            ):
                continue
            text = script.text[simple.start : simple.end]
            if name.removeprefix("./") in _UNLIKELY and not any(mark in text.lower() for mark in _TELLING):
                certain = False
                continue
            if not name and "get-login" in text:
                continue
            if name in script.functions:
                continue
            return None
    return certain
