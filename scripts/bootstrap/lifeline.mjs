/**
 * Loaded into the command before its own code. The bootstrap holds the other end
 * of file 3: when that closes, the bootstrap was killed, and nobody is left who
 * could ever stop this process.
 */
import { Socket } from 'node:net';

const lifeline = new Socket({ fd: 3, readable: true, writable: false });
lifeline.on('error', () => {});
lifeline.on('close', () => process.kill(process.pid, 'SIGTERM'));
lifeline.resume();
// It must not keep a process alive that has nothing else to do.
lifeline.unref();
