import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

/** A real InfluxDB 1.x of its own. */
export interface Influxd {
  url: string
  port: number
  /** where its configuration and data are; survives stop() */
  dir: string
  pid: number
  process: ChildProcess
  /** Ends the process and leaves the folder: start it again with the same port and dir. Idempotent. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Ends the process and deletes the folder. Idempotent. */
  close(): Promise<void>
}

/** Whether influxd is installed here. */
export function influxdInstalled(): boolean {
  return spawnSync('influxd', ['version']).status === 0
}

/** ms in which influxd must answer */
const startMs = 30_000
/** ms after which an influxd that does not end is killed */
const stopMs = 15_000

function configuration(dir: string, port: number, rpcPort: number, maxBodyBytes: number): string {
  return `reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${dir}/meta"
[data]
  dir = "${dir}/data"
  wal-dir = "${dir}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
  max-body-size = ${maxBodyBytes}
[continuous_queries]
  enabled = false
[logging]
  level = "warn"
  suppress-logo = true
`
}

async function untilAnswers(child: ChildProcess, url: string): Promise<void> {
  let words = ''
  let fault: string | undefined
  child.stderr?.on('data', (chunk) => {
    words = (words + chunk).slice(-2_000)
  })
  child.once('error', (error) => {
    fault = 'code' in error && error.code === 'ENOENT' ? 'it is not on PATH: apt-get install influxdb' : error.message
  })
  child.once('exit', (code, signal) => {
    fault ??= `it ended with ${code ?? signal}: ${words}`
  })
  const deadline = Date.now() + startMs
  for (;;) {
    const answer = await fetch(`${url}/ping`).catch(() => undefined)
    if (fault) throw new Error(`influxd does not start: ${fault}`)
    if (answer?.status === 204) return
    if (Date.now() > deadline) throw new Error(`influxd does not answer at ${url} within ${startMs} ms: ${words}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs)
  await ended
  clearTimeout(timer)
}

/**
 * Starts Debian's influxd on loopback, in a folder of its own; resolves when it answers.
 * @throws Error that says what to install when influxd is not on PATH
 */
export async function startInfluxd(
  options: { port?: number; dir?: string; maxBodyBytes?: number } = {},
): Promise<Influxd> {
  const port = options.port ?? (await freePort())
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'nhip-influxd-')))
  const file = join(dir, 'influxdb.conf')
  await writeFile(file, configuration(dir, port, await freePort(), options.maxBodyBytes ?? 25_000_000))
  const child = spawn('influxd', ['run', '-config', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  const url = `http://127.0.0.1:${port}`
  try {
    await untilAnswers(child, url)
  } catch (error) {
    process.off('exit', kill)
    await end(child, 'SIGKILL')
    if (!options.dir) await rm(dir, { recursive: true, force: true })
    throw error
  }
  return {
    url,
    port,
    dir,
    pid: child.pid ?? 0,
    process: child,
    stop: (signal = 'SIGTERM') => end(child, signal),
    async close() {
      await end(child, 'SIGTERM')
      await rm(dir, { recursive: true, force: true })
    },
  }
}
