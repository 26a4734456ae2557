// Counts every allocation of the process that links this: malloc and its kin are replaced.
#pragma once
long allocation_count(void);
