#!/usr/bin/env python3
"""Makes the manual page and the shell completions from the program's own help.

    pages.py FOLDER PROGRAM...    PROGRAM... is the command line that runs swiftlet

The help is printed from the tables of commands and flags, so these can never say anything else.
"""
import os
import re
import subprocess
import sys

folder, program = sys.argv[1], sys.argv[2:]


def ask(*words):
    return subprocess.run([*program, *words], check=True, capture_output=True, text=True).stdout


def sections(text):
    """Text by heading; what stands before the first one is under ''."""
    found, name = {"": []}, ""
    for line in text.splitlines():
        if re.fullmatch(r"[A-Z][a-z]+", line):
            name = line
            found[name] = []
        elif re.match(r"\S", line) and name:
            found.setdefault("notes", []).append(line)
        else:
            found[name].append(line)
    return found


def flags(lines):
    """(letter, long, may be negated, placeholder, words, further words) of each flag."""
    found = []
    for line in lines:
        start = re.match(r"  (?:-(\w), |    )--(\[no-\])?([a-z-]+)(?: (\S+))?(?: +(.*))?$", line)
        if start:
            letter, no, long, value, words = start.groups()
            # Without a placeholder, a short flag's first word of help may look like one.
            rest = line[26:] if len(line) > 26 and line[25] == " " else ""
            if rest and value and line.find(value, 2) >= 26:
                value = None
            found.append([letter, long, bool(no), value, rest.strip(), []])
        elif line.strip() and found:
            if found[-1][4]:
                found[-1][5].append(line.strip())
            else:
                found[-1][4] = line.strip()
    return found


top = sections(ask("--help"))
version = ask("--version").split()[1]
commands = {}
for line in top["Commands"]:
    if line.strip():
        name, purpose = line.split(None, 1)
        part = sections(ask(name, "--help"))
        commands[name] = (purpose, part, flags(part["Flags"]))


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def manual():
    yield f'.TH SWIFTLET 1 "" "swiftlet {version}" "User Commands"'
    yield ".SH NAME"
    yield "swiftlet \\- run neural networks from 4\\- and 8\\-bit model files"
    yield ".SH SYNOPSIS"
    yield ".B swiftlet"
    yield ".I COMMAND"
    yield "[\\fIFLAGS\\fR]"
    yield ".SH DESCRIPTION"
    yield escape(" ".join(top[""]).strip())
    yield escape("Results go to stdout, messages to stderr; --json makes both JSON.")
    yield ".SH COMMANDS"
    for name, (purpose, part, table) in commands.items():
        yield f'.SS "swiftlet {name}"'
        yield escape(purpose) + "."
        yield ".PP"
        yield escape(" ".join(" ".join(part["Usage"]).split()))
        for letter, long, no, value, words, more in table:
            yield ".TP"
            head = f"\\fB\\-{letter}\\fR, " if letter else ""
            head += f"\\fB{escape('--' + ('[no-]' if no else '') + long)}\\fR"
            yield head + (f" \\fI{escape(value)}\\fR" if value else "")
            yield escape(" ".join([words, *more]))
        if part.get("notes"):
            yield ".PP"
            yield escape(" ".join(part["notes"]))
        yield ".PP"
        yield "Examples:"
        lines = [line.strip() for line in part["Examples"] if line.strip()]
        for line, does in zip(lines[::2], lines[1::2]):
            yield ".TP"
            yield f"\\fB{escape(line)}\\fR"
            yield escape(does)
    yield ".SH FILES"
    for path, words in [
        ("/etc/default/swiftlet", "Flags of the service."),
        ("/usr/share/swiftlet/models", "Networks that come with the package."),
        ("/usr/share/swiftlet/boards", "What is known about boards."),
        ("/var/lib/swiftlet", "Results and state of the service."),
    ]:
        yield ".TP"
        yield f"\\fI{escape(path)}\\fR"
        yield words
    yield ".SH SEE ALSO"
    yield ".BR systemctl (1)"


def bash():
    names = " ".join(commands)
    yield "# Completion of swiftlet for bash."
    yield "_swiftlet() {"
    yield "  local word=${COMP_WORDS[COMP_CWORD]} flags="
    yield "  if [ \"$COMP_CWORD\" = 1 ]; then"
    yield f"    mapfile -t COMPREPLY < <(compgen -W '{names} help --help --version' -- \"$word\")"
    yield "    return"
    yield "  fi"
    yield "  case ${COMP_WORDS[1]} in"
    for name, (_, _, table) in commands.items():
        words = " ".join(f"--{f[1]}" + (f" --no-{f[1]}" if f[2] else "") for f in table)
        yield f"    {name}) flags='{words}' ;;"
    yield "  esac"
    yield "  case $word in"
    yield "    -*) mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$word\") ;;"
    yield "    *) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;"
    yield "  esac"
    yield "}"
    yield "complete -o filenames -F _swiftlet swiftlet"


def quoted(text):
    return text.replace("'", "").replace("[", "(").replace("]", ")").replace(":", ",")


def zsh():
    yield "#compdef swiftlet"
    yield "local -a commands"
    yield "commands=("
    for name, (purpose, _, _) in commands.items():
        yield f"  '{name}:{quoted(purpose)}'"
    yield ")"
    yield "if (( CURRENT == 2 )); then"
    yield "  _describe command commands"
    yield "  return"
    yield "fi"
    yield "case $words[2] in"
    for name, (_, _, table) in commands.items():
        yield f"  {name})"
        yield "    _arguments \\"
        for letter, long, no, value, words, _ in table:
            tail = f"[{quoted(words)}]" + (f":{quoted(value)}:_files" if value else "")
            yield f"      '--{long}{tail}' \\"
            if letter:
                yield f"      '-{letter}{tail}' \\"
            if no:
                yield f"      '--no-{long}[Not: {quoted(words)}]' \\"
        yield "      '*:file:_files'"
        yield "    ;;"
    yield "esac"


def fish():
    none = "not __fish_seen_subcommand_from " + " ".join(commands)
    for name, (purpose, _, _) in commands.items():
        yield f"complete -c swiftlet -f -n '{none}' -a {name} -d '{quoted(purpose)}'"
    for name, (_, _, table) in commands.items():
        for letter, long, no, value, words, _ in table:
            line = f"complete -c swiftlet -n '__fish_seen_subcommand_from {name}' -l {long}"
            line += (f" -s {letter}" if letter else "") + (" -r" if value else "")
            yield f"{line} -d '{quoted(words)}'"


os.makedirs(folder, exist_ok=True)
for file, lines in [
    ("swiftlet.1", manual()), ("swiftlet.bash", bash()), ("_swiftlet", zsh()),
    ("swiftlet.fish", fish()),
]:
    with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
