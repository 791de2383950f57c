"""Transforms SAM templates as `sam validate` does, without the network, for the tests beside this file.

Reads a JSON array of {"template": text, "parameters": {name: value}, "open": whether that is asked too} from standard input and writes an
array of the same length: {"template": the CloudFormation template, "open": the functions that `sam deploy` would warn of, as anybody
may call them}, or {"error": text} where SAM refuses the template. It runs in the virtual environment of SAM CLI.
"""

import copy
import functools
import json
import logging
import sys

import yaml
from samcli.commands.deploy.auth_utils import auth_per_resource
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
from samcli.lib.translate import sam_template_validator
from samcli.yamlhelper import yaml_parse

logging.disable(logging.CRITICAL)
# A hundred templates take long when YAML is read in Python, and longer when the result is written in it only to be read again.
if yaml.__with_libyaml__:
    yaml.SafeLoader = yaml.CSafeLoader
sam_template_validator.yaml_dump = lambda template: template


class NoManagedPolicies:
    """The template names none of SAM's policies, so there is nothing to look up in AWS."""

    @staticmethod
    def load():
        raise RuntimeError("the template uses a policy that only AWS can look up")


parse = functools.cache(yaml_parse)


def transform(template, parameters):
    validator = sam_template_validator.SamTemplateValidator(
        copy.deepcopy(parse(template)), NoManagedPolicies(), region="eu-west-1", parameter_overrides=parameters
    )
    return validator.get_translated_template_if_valid()


def open_functions(template, parameters):
    stacks, _ = SamLocalStackProvider.get_stacks(
        template_dictionary=copy.deepcopy(parse(template)), parameter_overrides=parameters
    )
    return [name for name, authorized in auth_per_resource(stacks) if not authorized]


def answer(question):
    template, parameters = question["template"], question["parameters"]
    try:
        return {
            "template": transform(template, parameters),
            "open": open_functions(template, parameters) if question["open"] else None,
        }
    except Exception as refused:  # whatever SAM has against the template
        return {"error": f"{type(refused).__name__}: {refused}"}


json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
