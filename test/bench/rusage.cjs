'use strict';
// Loaded with --require: writes what the process took, at its end, where GATECTL_BENCH_USAGE says.
process.on('exit', () => {
  const fs = require('node:fs');
  const {userCPUTime, systemCPUTime, maxRSS} = process.resourceUsage();
  // on Linux maxRSS has in it what the process that started this one had; the peak of its own is in /proc
  const own =
    fs.existsSync('/proc/self/status') && /VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'));
  const usage = {cpuMs: (userCPUTime + systemCPUTime) / 1000, rssBytes: Number(own ? own[1] : maxRSS) * 1024};
  fs.writeFileSync(process.env.GATECTL_BENCH_USAGE, JSON.stringify(usage));
});
