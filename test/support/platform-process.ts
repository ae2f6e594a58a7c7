import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { root } from '#start/prepare.mjs'

/** A service, or the whole platform, as a process of its own. */
export interface ServiceProcess {
  process: ChildProcess
  /** all it has written so far, both streams */
  output(): string
  /** its exit code once it has ended; null when a signal ended it */
  exited: Promise<number | null>
  /** Sends a signal (SIGINT unless told) and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
  /** Waits until a line of the output fits; rejects when the process ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>
}

type Env = Readonly<Record<string, string>>

const { scripts } = z
  .object({ scripts: z.object({ start: z.string() }) })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
/** what `npm start` tells node */
const startOptions = scripts.start.split(' ').filter((part) => part.startsWith('--'))

/** Starts `npm start` (no name) or `npm run <service>` (with arguments behind its name), with no settings but these; `nodeOptions` such as `--cpu-prof` go to node itself. */
export function startService(
  service: string | undefined,
  env: Env,
  nodeOptions: readonly string[] = [],
): ServiceProcess {
  const child = spawn(
    process.execPath,
    [...(service ? [] : startOptions), ...nodeOptions, join(root, 'start/launch.mjs'), ...(service?.split(' ') ?? [])],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    },
  )
  let output = ''
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of listeners) listener()
  }
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      tell()
    })
  const exited = once(child, 'close').then(([code]) => {
    tell()
    return code as number | null // of a ChildProcess
  })
  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(output)
        if (!found && child.exitCode === null && child.signalCode === null) return
        listeners.delete(look)
        if (found) resolve(found)
        else reject(new Error(`${service ?? 'the platform'} ended (${child.exitCode}) and said only:\n${output}`))
      }
      listeners.add(look)
      look()
    })
  return {
    process: child,
    output: () => output,
    exited,
    says,
    stop(signal = 'SIGINT') {
      child.kill(signal)
      return exited
    },
  }
}

/** The all-in-one platform, started. */
export interface PlatformProcess extends ServiceProcess {
  /** address of the page, without the token */
  url: string
  /** the printed address, with its one-time token */
  loginUrl: string
  /** not a number when an outside broker is used */
  mqttPort: number
  wsPort: number
  adminToken: string
}

/** Starts the all-in-one platform on free ports unless told otherwise, and waits until it has printed its address. */
export async function startPlatform(
  env: Env & { DATA_DIR: string },
  nodeOptions: readonly string[] = [],
): Promise<PlatformProcess> {
  const free = { HTTP_PORT: '0', MQTT_PORT: '0', MQTT_WS_PORT: '0', BACKFILL_DAYS: '0', SAMPLE_SENSORS: 'false' }
  const service = startService(undefined, { ...free, ...env }, nodeOptions)
  const [loginUrl = ''] = await service.says(/https?:\/\/\S+\?token=\S+(?=\n)/)
  const [, mqttPort, wsPort] = await service.says(
    /MQTT on mqtt:\/\/127\.0\.0\.1:(\d+), over WebSocket on port (\d+)|MQTT of the outside/,
  )
  const secrets: unknown = JSON.parse(await readFile(join(env.DATA_DIR, 'secrets.json'), 'utf8'))
  const kept = secrets as { admin: string } // the platform's own file, checked when it was read
  return {
    ...service,
    loginUrl,
    url: new URL(loginUrl).origin,
    mqttPort: Number(mqttPort),
    wsPort: Number(wsPort),
    adminToken: env.ADMIN_TOKEN ?? kept.admin,
  }
}
