import { spawn } from 'node:child_process';

/** Its input ends when this process is gone. PostgreSQL drops everything at once on QUIT, others end on TERM. */
const SCRIPT = `
  cat > /dev/null
  folder=$1
  shift
  for file in "$@"; do
    if [ -f "$folder/$file" ]; then
      read -r pid < "$folder/$file"
      kill -QUIT "$pid"
      kill -TERM "$pid"
      # One that was stopped (SIGSTOP) hears it only now.
      kill -CONT "$pid"
    fi
  done
  sleep 0.5
  if mountpoint -q "$folder"; then umount -l "$folder"; fi
  rm -rf -- "$folder"
`;

/**
 * Stops the servers whose process numbers are in `pidFiles` of a temporary
 * folder, and removes the folder (and what is mounted there), when this process ends without having done so
 * itself. A test run may be killed, and its servers would stay.
 *
 * @returns ends the watch
 */
export function reapAfterDeath(folder: string, pidFiles: readonly string[]): () => void {
  const reaper = spawn('sh', ['-c', SCRIPT, 'reaper', folder, ...pidFiles], {
    // A group of its own: it has to outlive the Ctrl-C that ends us.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  reaper.unref();
  return () => {
    reaper.kill('SIGKILL');
  };
}
