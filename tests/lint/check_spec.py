"""Compares SPEC.md with the dialect: the same ops, and the same constraints in SPEC.md, in the code that checks them and
in the tests that break them."""

import re

from tree import ROOT, report


def ops_of_dialect(folder):
    """The mnemonics of all ops of the .td files."""
    definition = r'^def \w+ : (?:Oriel_\w*Op|Op)<(?:Oriel_Dialect, )?"(\w+)"'
    return {op for path in folder.glob("*.td") for op in re.findall(definition, path.read_text(), flags=re.M)}


def constraints_of_spec(text):
    """{op: {1, 2, ...}} by section."""
    sections = re.split(r"^### (\w+)$", text, flags=re.M)[1:]
    return {op: {int(n) for n in re.findall(r"^- \(C(\d+)\)", body, flags=re.M)}
            for op, body in zip(sections[::2], sections[1::2])}


def constraints_of_code(folder):
    """{op: {...}}: the numbers in an op's inference or verifier and in the static functions that it calls."""
    bodies, found = {}, {}
    for path in sorted(folder.glob("*Ops.cpp")):
        helpers = {}
        # A function's head begins at the margin and ends in `(`, `,` or `{`.
        for body in re.split(r"^(?=\S.*\(.*[(,{]$|\S.*\($)", path.read_text(), flags=re.M):
            head = re.match(r"(?:template .*\n)?(ORIEL_INFER\((\w+)\)|LogicalResult (\w+)::verify|static \w+(?:<\w+>)? (\w+)\()",
                            body)
            if head and head[4]:
                helpers[head[4]] = body
            elif head:
                bodies[head[2] or head[3]] = (body, helpers)

    def numbers(body, helpers):
        result = {int(n) for n in re.findall(r'"C(\d+)"|\(C(\d+)\)', body) for n in n if n}
        for name, helper in helpers.items():
            if re.search(rf"\b{name}\(", body[body.index("{"):]):
                result |= numbers(helper, {k: v for k, v in helpers.items() if k != name})
        return result

    for op_class, (body, helpers) in bodies.items():
        mnemonic = re.search(r'ShapeCheck check\(location, "(\w+)"\)', body)
        name = mnemonic[1] if mnemonic else re.sub(r"(?<!^)(?=[A-Z])", "_", op_class[:-2]).lower()
        found[name] = numbers(body, helpers)
    return found


def constraints_of_tests(folder):
    """{op: {...}}: functions @op_cN in the tests of the verifier."""
    tested = {}
    for path in sorted(folder.glob("invalid-*.mlir")):
        for op, number in re.findall(r"func\.func @(\w+?)_c(\d+)(?:_\w+)?\(", path.read_text()):
            tested.setdefault(op, set()).add(int(number))
    return tested


def findings():
    dialect = ROOT / "compiler/Dialect/Graph"
    ops = ops_of_dialect(dialect)
    spec = constraints_of_spec((ROOT / "SPEC.md").read_text())
    yield from (f"{op}: in the dialect, not in SPEC.md" for op in ops - spec.keys())
    yield from (f"{op}: in SPEC.md, not in the dialect" for op in spec.keys() - ops)
    for place, found in (("code", constraints_of_code(dialect)),
                         ("tests", constraints_of_tests(ROOT / "tests/lit/Dialect/Graph"))):
        for op in spec.keys() | found.keys():
            specified, present = spec.get(op, set()), found.get(op, set())
            yield from (f"{op} (C{n}): in SPEC.md, not in the {place}" for n in specified - present)
            yield from (f"{op} (C{n}): in the {place}, not in SPEC.md" for n in present - specified)


report(sorted(findings()), "SPEC.md")
