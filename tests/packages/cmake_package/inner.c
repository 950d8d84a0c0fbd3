// SPDX-License-Identifier: Apache-2.0
int inner_one(void);
int inner_one(void) { return 1; }
