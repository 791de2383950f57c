"""Checks commands of the AWS CLI against AWS's own descriptions of its services, which botocore has and the CLI is made of.

It reads a JSON array of commands, each an array of its words after "aws", and prints a line for each fault.
"""

import json
import re
import sys

import botocore.session
from botocore import xform_name

session = botocore.session.get_session()
SERVICES = {"deploy": "codedeploy"}  # where the CLI's name is another
GLOBAL = {"query", "output"}  # the CLI's own options


def faults(service, operation, *words):
    service = SERVICES.get(service, service)
    if service not in session.get_available_services():
        yield "there is no such service"
        return
    if operation == "wait":
        waiters = session.get_waiter_model(service)
        operation, *words = words
        names = {xform_name(name, "-"): waiters.get_waiter(name).operation for name in waiters.waiter_names}
        operation = xform_name(names.get(operation, operation), "-")
    model = session.get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        yield "there is no such operation"
        return
    shape = model.operation_model(names[operation])
    members = {xform_name(name, "-"): (name, member) for name, member in (shape.input_shape.members.items() if shape.input_shape else ())}
    given = {}
    for word in words:
        if word.startswith("--"):
            option = word[2:]
            given[option] = []
        else:
            given[option].append(word)
    for option, values in given.items():
        if option == "query":
            first = re.match(r"\w+", values[0]).group()
            if first not in shape.output_shape.members:
                yield f"its answer has no {first}"
        elif option in members:
            yield from value_faults(option, members[option][1], values)
        elif option not in GLOBAL:
            yield f"there is no option --{option}"
    for option, (name, _) in members.items():
        if name in shape.input_shape.required_members and option not in given:
            yield f"--{option} is missing"


def value_faults(option, member, values):
    kind = member.member if member.type_name == "list" else member
    for value in values:
        if getattr(kind, "enum", None) and value not in kind.enum:
            yield f"--{option} does not take {value}"
        if kind.type_name == "structure":
            for key in re.findall(r"(\w+)=", value):
                if key not in kind.members:
                    yield f"--{option} has no {key}"


for command in json.load(sys.stdin):
    for fault in faults(*command):
        print(f"aws {' '.join(command)}: {fault}")
