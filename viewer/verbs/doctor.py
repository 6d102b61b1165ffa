"""`lamella doctor`: what this machine offers, what is missing, and the line that installs it."""

from engine.errors import MachineError
from viewer.amounts import byte_text
from viewer.verbs.options import add_json
from viewer.verbs.terminal import console, print_json

USAGE = "[--json]"


def add_arguments(parser):
    """Only `--json`."""
    add_json(parser)


def run(arguments):
    """Examine the machine and tell; raises `MachineError` when Lamella cannot work here."""
    from viewer.doctor import examine

    facts = examine()
    if arguments.json:
        print_json(facts)
    else:
        _print(facts)
    if not facts["usable"]:
        raise MachineError(
            "Lamella cannot work on this machine yet", remedy="see what is missing above"
        )


def _print(facts):
    system = facts["system"]
    memory = f", {byte_text(system['memory'])} of memory" if system["memory"] else ""
    old = [name for name, package in facts["packages"].items() if not package["fits"]]
    packages = (
        f"missing or too old: {', '.join(old)}" if old else f"all {len(facts['packages'])} fit"
    )
    rows = [
        ("Lamella", facts["lamella"]),
        ("System", f"{system['name']}, {system['machine']}, {system['cores']} cores{memory}"),
        ("Python", f"{facts['python']['version']} ({facts['python']['executable']})"),
        ("Packages", packages),
        ("Networks run on", _inference(facts["inference"])),
        ("Drawing", _drawing(facts["drawing"])),
        ("Windows", _window(facts["window"])),
        ("Cache", _cache(facts["cache"])),
    ]
    width = max(len(name) for name, _ in rows)
    out = console()
    for name, text in rows:
        for index, line in enumerate(text.split("\n")):
            out.print(f"{name if index == 0 else '':{width}}  {line}", soft_wrap=True)
    out.print()
    if not facts["missing"]:
        out.print("Nothing is missing.")
    for item in facts["missing"]:
        out.print(
            f"Missing: {item['what']}: {item['consequence']}. This installs it:", soft_wrap=True
        )
        out.print(f"  {item['line']}", soft_wrap=True)


def _inference(facts):
    if "fault" in facts:
        return f"nothing: ONNX Runtime does not start ({facts['fault']})"
    text = f"{facts['uses']}, with {facts['version']} ({', '.join(facts['providers'])})"
    return text + (f"\nCUDA is not used: {facts['gpu_fault']}" if facts["gpu_fault"] else "")


def _drawing(facts):
    if "fault" in facts:
        return f"not possible without a screen: {facts['fault']}"
    return _opengl(facts)


def _window(facts):
    if "fault" in facts:
        return f"cannot open: {facts['fault']}"
    return f"Qt {facts['qt']} on {facts['platform']}\n{_opengl(facts)}"


def _opengl(facts):
    kind = "in software" if facts["is_software"] else "by a graphics card"
    return (
        f"OpenGL {facts['version']}, {kind}\n{facts['renderer']}\n"
        f"at most {facts['max_texture_size']:,} texels a side, "
        f"{facts['max_array_layers']:,} channels a texture"
    )


def _cache(facts):
    if "fault" in facts:
        return f"{facts['path']} {facts['fault']}"
    return f"{facts['path']}, {byte_text(facts['free'])} free"
