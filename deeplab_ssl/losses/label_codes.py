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

"""Numbers that stand for no class, the same whatever the ignore class is."""

IGNORED = -1

# Labels that mean ignored and illegal whatever the ignore class is, for code
# that changes labels before a loss sees them. Exact in float16 and bfloat16,
# and no unsigned mask image can hold them.
FORCE_IGNORED = -(2**14)
FORCE_ILLEGAL = -(2**13)
