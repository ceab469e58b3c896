'use strict';
// Preloaded (node --require) into a program that is measured: how long its event loop is held, five times a second a line of JSON
// in the file that LOOP_DELAY_FILE names.
const {appendFileSync} = require('node:fs');
const {monitorEventLoopDelay, PerformanceObserver} = require('node:perf_hooks');

const file = process.env.LOOP_DELAY_FILE;
if (file !== undefined) {
  const delay = monitorEventLoopDelay({resolution: 1});
  delay.enable();
  let gc = 0; // the longest collection of garbage
  new PerformanceObserver((list) => {
    for (const {duration} of list.getEntries()) gc = Math.max(gc, duration);
  }).observe({entryTypes: ['gc']});
  const write = () => {
    const {count} = delay;
    if (count > 0) {
      const {max} = delay;
      // a timer of one millisecond is what the delay is measured with: what is beyond it is the program's
      const beyond = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - 1);
      appendFileSync(
        file,
        `${JSON.stringify({at: Date.now(), pid: process.pid, count, max: beyond(max), p99: beyond(delay.percentile(99)), gc})}\n`,
      );
      gc = 0;
      delay.reset();
    }
  };
  setInterval(write, 200).unref();
}
