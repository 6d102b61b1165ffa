"""The part of COMPATIBILITY.md about gradients: proofs, and which methods explain which network.

`make board` writes it after the rest; ``python -m tools.board_gradients`` puts it in place of the
one that is there. What was found is kept in ``build/gradients``; ``--resume`` goes on with it.
"""

import argparse
import json
import math
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("LAMELLA_SHARED", ROOT.parent / "shared"))
KEPT = ROOT / "build" / "gradients"
LIMIT_SECONDS = 1800
TITLE = "## Gradients"

HEAD = """
## Gradients

*Difference*: of the gradient of all outputs, weighted at random, from central finite differences of
the untouched file in float64, relative to the gradient's length; the largest along a random
direction, the gradient's own and single inputs where it is large
(`tests/engine/gradient/proof.py`). Quantised networks are differenced as the real numbers that
their integers stand for. *float32*: how far the correlation of ONNX Runtime's gradient with that in
float64 is below 1 (two precisions may take another switch of a near tie). *Methods*: whether
`lamella attribute` explains `target` by them; numbers stand for the reasons below.

{summary}

"""

LIGHT = """
Published architectures (the onnx package's own, with seeded He-normal weights):

| network | difference | float32 | |
|---|---|---|---|
"""


def run_json(*words, seconds=LIMIT_SECONDS):
    """The last line of a module's output as JSON, or ``{"failed": sentence}``."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {seconds} s"}
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        return {"failed": lines[-1].strip() if lines else f"exit status {done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def kept(name, resume, make):
    """What ``make()`` gives, kept under a name in `KEPT`."""
    path = KEPT / f"{name.replace('/', '_')}.json"
    if resume and path.is_file():
        return json.loads(path.read_text(encoding="utf-8"))
    found = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found), encoding="utf-8")
    print(name, json.dumps(found)[:200], file=sys.stderr)
    return found


def rows_of(models, only="*", resume=False):
    """(name, proof, methods) of every network of a folder."""
    rows = []
    for path in sorted(models.rglob("*.onnx")):
        name = str(path.relative_to(models))
        if not Path(name).match(only):
            continue
        proof = kept(
            f"{name}.proof", resume, lambda p=path: run_json("tests.engine.gradient.proof", str(p))
        )
        methods = kept(f"{name}.methods", resume, lambda p=path: run_json("tools.methods", str(p)))
        rows.append((name, proof, methods))
    return rows


def light_rows(resume=False):
    """(name, proof) of the onnx package's own architectures."""
    from tests.engine.gradient.proof import light_networks

    return [
        (
            path.stem,
            kept(
                path.stem,
                resume,
                lambda n=path.stem: run_json("tests.engine.gradient.proof", "--light", n),
            ),
        )
        for path in light_networks()
    ]


# -- as a page -------------------------------------------------------------------------------------


def section(rows, light):
    """The part of the page, from its title on."""
    from engine.attribution import METHODS

    reasons = []
    text = f"| network | difference | float32 | target | {' | '.join(METHODS)} |\n"
    text += f"|{'---|' * (4 + len(METHODS))}\n"
    for name, proof, methods in rows:
        cells = [name, *_proof_cells(proof, reasons), *_method_cells(methods, METHODS, reasons)]
        text += _cells(cells)
    text += "".join(f"\n{place + 1}. {reason}" for place, reason in enumerate(reasons)) + "\n"
    if light:
        text += LIGHT
        text += "".join(_cells([name, *_light_cells(proof)]) for name, proof in light)
    return HEAD.format(summary=_summary(rows, light)) + text


def _summary(rows, light):
    proofs = [proof for _, proof, _ in rows] + [proof for _, proof in light]
    tried = [proof for proof in proofs if proof.get("holds") is not None]
    held = [proof for proof in tried if proof["holds"]]
    whole = [
        m for _, _, m in rows if all(ok for ok, _ in m.get("methods", {"": (False, "")}).values())
    ]
    return (
        f"Gradients are those of finite differences in {len(held)} of {len(tried)} networks that "
        f"can be differenced; {len(whole)} of {len(rows)} networks are explained by every method."
    )


def _proof_cells(proof, reasons):
    if proof.get("holds") is None:
        return [_number_of(proof.get("failed") or proof["words"], reasons), ""]
    return _light_cells(proof)[:2]


def _light_cells(proof):
    if proof.get("holds") is None:
        return ["", "", proof.get("failed") or proof["words"]]
    missed = "" if proof["holds"] else " MISSED"
    correlation = proof["correlation"]
    known = correlation is not None and not math.isnan(correlation)
    below = f"{max(0.0, 1 - correlation):.0e}" if known else ""
    return [f"{proof['difference']:.0e}{missed}", below, ""]


def _method_cells(methods, names, reasons):
    if "methods" not in methods:
        reason = _number_of(methods.get("refused") or methods["failed"], reasons)
        return ["", *(reason for _ in names)]
    found = methods["methods"]
    cells = []
    for name in names:
        good, words = found[name]
        cells.append(
            "yes" if good and not words else _number_of(words, reasons, "yes" if good else "")
        )
    return [methods["target"], *cells]


def _number_of(reason, reasons, before=""):
    reason = reason.replace(f"{SHARED}/", "../shared/").replace("|", "\\|")
    if reason not in reasons:
        reasons.append(reason)
    return f"{before} {reasons.index(reason) + 1}".strip()


def _cells(cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |\n"


def put(section_text, page):
    """The page with this part in place of the one it has."""
    return page.split(f"\n{TITLE}\n")[0].rstrip("\n") + "\n" + section_text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="?", type=Path, default=SHARED / "models")
    parser.add_argument("-o", "--out", type=Path, default=ROOT / "COMPATIBILITY.md")
    parser.add_argument("--only", default="*", help="networks whose path fits this glob")
    parser.add_argument("--resume", action="store_true", help="go on with what was found before")
    arguments = parser.parse_args()
    if not arguments.models.is_dir():
        parser.error(f"{arguments.models} is not there")
    rows = rows_of(arguments.models, arguments.only, arguments.resume)
    light = light_rows(arguments.resume) if arguments.only == "*" else []
    page = arguments.out.read_text(encoding="utf-8") if arguments.out.is_file() else ""
    arguments.out.write_text(put(section(rows, light), page), encoding="utf-8")
    return 1 if missed(rows, light) else 0


def missed(rows, light):
    """Networks whose gradients were differenced and are not right."""
    proofs = [(name, proof) for name, proof, _ in rows] + light
    return [name for name, proof in proofs if proof.get("holds") is False or "failed" in proof]


if __name__ == "__main__":
    sys.exit(main())
