import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

/** Debian keeps servers outside of a user's path. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
const startMs = 20_000

export interface NatsServerOptions {
  /** a free one when missing */
  port?: number
  /** where JetStream keeps its streams; a new temporary folder, removed by close(), when missing */
  dir?: string
  /** false starts it without JetStream */
  jetstream?: boolean
  /** further arguments, for example `['--user', 'u', '--pass', 'p']` */
  args?: readonly string[]
}

/** A real nats-server on loopback. */
export interface NatsServer {
  readonly url: string
  readonly port: number
  readonly dir: string
  /** of the process that runs now, undefined when none does */
  readonly pid: number | undefined
  /** Resolves when the process is gone; `SIGKILL` unless told otherwise. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port and folder; resolves when it takes connections. */
  start(): Promise<void>
  /** Stops it and removes its folder. Idempotent. */
  close(): Promise<void>
}

/** Whether nats-server is installed here. */
export function natsInstalled(): boolean {
  return spawnSync('nats-server', ['--version'], { env }).status === 0
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (yes: boolean) => {
      socket.destroy()
      resolve(yes)
    }
    // the server greets once it is ready
    socket.once('data', () => end(true))
    socket.once('error', () => end(false))
    socket.once('close', () => end(false))
  })
}

/** Starts Debian's nats-server. It is killed with this process at the latest. */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const server = new RealNatsServer(
    options.port ?? (await freePort()),
    options.dir ?? (await mkdtemp(join(tmpdir(), 'nhip-nats-'))),
    options,
  )
  await server.start()
  return server
}

class RealNatsServer implements NatsServer {
  readonly port: number
  readonly dir: string
  readonly #options: NatsServerOptions
  #child: ChildProcess | undefined
  readonly #killWithUs = () => this.#child?.kill('SIGKILL')

  constructor(port: number, dir: string, options: NatsServerOptions) {
    this.port = port
    this.dir = dir
    this.#options = options
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  async start(): Promise<void> {
    const { jetstream = true, args = [] } = this.#options
    const store = jetstream ? ['--jetstream', '--store_dir', this.dir] : []
    const child = spawn('nats-server', ['--addr', '127.0.0.1', '--port', String(this.port), ...store, ...args], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    process.once('exit', this.#killWithUs)
    let said = ''
    child.stderr.on('data', (text: Buffer) => {
      said = (said + text).slice(-4_000)
    })
    await once(child, 'spawn')
    for (const deadline = Date.now() + startMs; !(await answers(this.port)); ) {
      if (child.exitCode !== null || Date.now() > deadline) {
        await this.stop()
        throw new Error(`nats-server did not start:\n${said}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child
    this.#child = undefined
    process.off('exit', this.#killWithUs)
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  async close(): Promise<void> {
    await this.stop()
    if (this.#options.dir === undefined) await rm(this.dir, { recursive: true, force: true })
  }
}
