'use strict';
// Loaded with --require: writes what the process took, at its end, where GATECTL_BENCH_USAGE says.
process.on('exit', () => {
  const {userCPUTime, systemCPUTime, maxRSS} = process.resourceUsage();
  const usage = {cpuMs: (userCPUTime + systemCPUTime) / 1000, rssBytes: maxRSS * 1024};
  require('node:fs').writeFileSync(process.env.GATECTL_BENCH_USAGE, JSON.stringify(usage));
});
