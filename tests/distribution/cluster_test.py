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

"""Tests of the cluster that TF_CONFIG names."""

import json

import pytest

from deeplab_ssl.distribution import cluster

_TWO = {"worker": ["a:1", "b:2"]}


def _read(monkeypatch, jobs, task, number=0):
  content = {"cluster": jobs, "task": {"type": task, "index": number}}
  monkeypatch.setenv("TF_CONFIG", json.dumps(content))
  return cluster.from_environment()


@pytest.mark.parametrize(
  "jobs, task, number, expected",
  [
    (_TWO, "worker", 1, ("worker 1", "/job:worker/replica:0/task:0")),
    (
      {"worker": ["b:2"], "chief": ["a:1"]},
      "worker",
      0,
      ("worker 0", "/job:chief/replica:0/task:0"),
    ),
  ],
)
def test_the_chief_is_first(monkeypatch, jobs, task, number, expected):
  found = _read(monkeypatch, jobs, task, number)
  assert found.addresses == ("a:1", "b:2")
  assert found.index == 1
  assert (found.names[1], found.leader) == expected
  assert sum(tasks for _, tasks in found.jobs) == 2
  assert found.told(1) == f"{expected[0]} (b:2)"


@pytest.mark.parametrize("text", [None, "", " ", "{}", '{"cluster": {}}'])
def test_without_workers_there_is_no_cluster(monkeypatch, text):
  monkeypatch.delenv("TF_CONFIG", raising=False)
  if text is not None:
    monkeypatch.setenv("TF_CONFIG", text)
  assert cluster.from_environment() is None


@pytest.mark.parametrize(
  "jobs, task, number, message",
  [
    (_TWO, "worker", 2, 'say in "task" which of the tasks'),
    (_TWO, "chief", 0, 'say in "task" which of the tasks'),
    (_TWO, "worker", "0", 'say in "task" which of the tasks'),
    ({"worker": ["a:1"], "ps": ["b:1"]}, "worker", 0, "no other tasks.*ps"),
    ({"worker": "a:1"}, "worker", 0, 'have lists of "worker"'),
    ({"worker": 3}, "worker", 0, 'have lists of "worker"'),
    ({"chief": ["a:1", "b:1"]}, "chief", 0, "name one chief"),
    ({"worker": ["a:1", "a:1"]}, "worker", 0, "each address once.*'a:1'"),
    ({"worker": ["a"]}, "worker", 0, "\"host:port\".*Received: 'a'"),
    ({"worker": ["a:x"]}, "worker", 0, '"host:port"'),
    ({"worker": ["a:70000"]}, "worker", 0, '"host:port"'),
    ({"worker": [7]}, "worker", 0, '"host:port"'),
    (["a:1"], "worker", 0, "two objects"),
  ],
)
def test_is_refused(monkeypatch, jobs, task, number, message):
  with pytest.raises(ValueError, match=f"TF_CONFIG must .*{message}"):
    _read(monkeypatch, jobs, task, number)


@pytest.mark.parametrize("text", ["a:1,b:1", "[]", '"a:1"', "{"])
def test_what_is_no_object_is_refused(monkeypatch, text):
  monkeypatch.setenv("TF_CONFIG", text)
  with pytest.raises(ValueError, match="TF_CONFIG must be .*JSON"):
    cluster.from_environment()


@pytest.mark.parametrize(
  "text, expected",
  [
    ("Error reported from /job:worker/task:1: gone", [1]),
    ("/job:worker/replica:0/task:11 and /job:worker/task:1", [11, 1]),
    ("device /job:worker/replica:0/task:0/device:CPU:0", []),
    ("/job:worker/task:1 and /job:worker/task:1", [1]),
    ("/job:worker/task:99", []),
    ("Socket closed", []),
  ],
)
def test_finds_whom_tensorflow_names(monkeypatch, text, expected):
  jobs = {"worker": [f"host:{port}" for port in range(1, 13)]}
  assert _read(monkeypatch, jobs, "worker").peers_in(text) == expected
