// Plain JavaScript: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the project. */
export const root = fileURLToPath(new URL('..', import.meta.url))

const mtime = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0)

function newest(folder) {
  let time = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'node_modules') continue
    const path = join(folder, entry.name)
    time = Math.max(time, entry.isDirectory() ? newest(path) : mtime(path))
  }
  return time
}

function run(what, command, args) {
  console.error(`${what} …`)
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    console.error(`${what} failed${error ? `: ${error.message}` : ''}`)
    process.exit(1)
  }
}

/** Installs from the lockfile when it is newer than what is installed, and builds the dashboard when its sources are newer than the build. */
export function prepare({ dashboard }) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Node ${process.versions.node} is too old: Nhịp needs 20.19 or newer`)
    process.exit(1)
  }
  // "npm ci" refuses a lockfile that lacks another platform's optional binary; this keeps to the lockfile all the same
  const installed = mtime(join(root, 'node_modules/.package-lock.json'))
  if (installed < mtime(join(root, 'package-lock.json')))
    run('Installing packages', 'npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'])
  if (!dashboard || !existsSync(join(root, 'node_modules/vite'))) return
  const built = mtime(join(root, 'dashboard/dist/index.html'))
  if (built < Math.max(newest(join(root, 'dashboard')), newest(join(root, 'telemetry'))))
    run('Building the dashboard', process.execPath, [
      join(root, 'node_modules/vite/bin/vite.js'),
      'build',
      'dashboard',
      '--logLevel=warn',
    ])
}
