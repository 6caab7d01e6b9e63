# Copyright 2026 The DeepLab-SSL Authors.
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Translates a command line of research/deeplab: `... from_original --help`.

  python -m deeplab_ssl.from_original -- --model_variant=xception_65 \\
    --atrous_rates=6 --atrous_rates=12 --atrous_rates=18 \\
    --train_crop_size=513,513 > train.yaml
  python -m deeplab_ssl.from_original -- \\
    python deeplab/eval.py --eval_split=val --dataset_dir=records > eval.yaml
  python -m deeplab_ssl.from_original --program=train < local_test.sh

prints the configuration that does the same, YAML, and above it, as comments,
the command to run with it. On stderr there is a line for each flag that has no
place here, with the reason. The words of the command line follow `--`; without
any, it is read from stdin, as it stands in a script.
"""

import sys

from absl import app
from absl import flags

from deeplab_ssl.cli import runner
from deeplab_ssl.original_flags import declaration

_PROGRAM = flags.DEFINE_enum(
  "program",
  None,
  list(declaration.PROGRAMS),
  "Program of the original, if the command line does not name it.",
)


def main(words: list[str]) -> None:
  """Prints the translation.

  Args:
    words: of the command line; none if it is to be read from stdin.

  Raises:
    app.UsageError: if there are none, and nothing but a keyboard to read from.
    ValueError: if it cannot be translated.
  """
  from deeplab_ssl.original_flags import translator

  if words:
    found = translator.of_words(words, _PROGRAM.value)
  elif sys.stdin.isatty():
    raise app.UsageError(
      "Give a command line of the original behind --, or a script on stdin."
    )
  else:
    found = translator.of_text(sys.stdin.read(), _PROGRAM.value)
  print(found, end="")
  # After stdout, so that both are in order where a terminal shows both.
  sys.stdout.flush()
  for note in found.notes:
    print(note, file=sys.stderr)


def divide(args: list[str]) -> tuple[list[str], list[str]]:
  """Divides arguments into our own and, behind "--", those to be translated.

  Args:
    args: those of the command.
  """
  end = args.index("--") if "--" in args else len(args)
  return args[:end], args[end + 1 :]


if __name__ == "__main__":
  # absl takes words behind "--" for names, and would refuse those with dashes.
  own, given = divide(sys.argv[1:])
  sys.argv[1:] = own
  runner.run(lambda: main(given))
