const LOOK_EVERY_MS = 1000;

/** A suite that is killed cannot end what it has started: it ends by itself, when its parent is another. */
export function endWithSuite(): void {
  const { ppid } = process;
  setInterval(() => {
    if (process.ppid !== ppid) process.kill(process.pid, 'SIGKILL');
  }, LOOK_EVERY_MS).unref();
}
