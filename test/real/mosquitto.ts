import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

/** Debian keeps servers outside of a user's path. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }

export interface MosquittoOptions {
  /** further lines of its configuration; `{folder}` becomes the folder of its files */
  lines?: readonly string[]
  /** files that these lines name, put into its folder: name → text */
  files?: Readonly<Record<string, string>>
}

/** A real mosquitto on loopback that keeps sessions on disk. */
export interface Mosquitto {
  readonly port: number
  readonly url: string
  /** where its files are; what it keeps is in `mosquitto.db` */
  readonly folder: string
  /** Reads passwords and rights again, as on SIGHUP. */
  reload(): void
  /** Ends it, with SIGKILL unless told otherwise. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port with what it kept. */
  start(): Promise<void>
  /** Ends it and removes its folder. */
  close(): Promise<void>
}

/** Whether mosquitto is installed here. */
export function mosquittoInstalled(): boolean {
  return spawnSync('mosquitto', ['-h'], { env }).error === undefined
}

/** A line of its `password_file`. */
export function mosquittoPassword(user: string, password: string): string {
  const salt = randomBytes(12)
  const hash = pbkdf2Sync(password, salt, 101, 64, 'sha512')
  return `${user}:$7$101$${salt.toString('base64')}$${hash.toString('base64')}\n`
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (yes: boolean) => {
      socket.destroy()
      resolve(yes)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}

/** Starts mosquitto. It writes its memory to disk after every change: as much as it can promise. */
export async function startMosquitto({ lines: more = [], files = {} }: MosquittoOptions = {}): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-mosquitto-'))
  const port = await freePort()
  const lines = [
    ...[`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'user root', 'log_type none'],
    ...['persistence true', `persistence_location ${folder}/`, 'autosave_interval 1', 'autosave_on_changes true'],
    ...['max_inflight_messages 1000', 'max_queued_messages 0'],
    ...more.map((line) => line.replaceAll('{folder}', folder)),
  ]
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  await writeFile(join(folder, 'mosquitto.conf'), `${lines.join('\n')}\n`)
  let child: ChildProcess | undefined
  const stop = async (signal: NodeJS.Signals = 'SIGKILL') => {
    const running = child
    child = undefined
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const gone = once(running, 'exit')
    running.kill(signal)
    await gone
  }
  const start = async () => {
    child = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { env, stdio: 'ignore' })
    await once(child, 'spawn')
    for (const deadline = Date.now() + 20_000; !(await answers(port)); ) {
      if (Date.now() > deadline) throw new Error('mosquitto did not start')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  await start()
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    folder,
    reload: () => child?.kill('SIGHUP'),
    stop,
    start,
    async close() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
