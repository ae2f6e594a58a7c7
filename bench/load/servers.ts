import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { freePort } from '../../test/real/free-port.ts'

/** Something that takes MQTT, in a process of its own. */
export interface Server {
  port: number
  /** undefined: each sensor has its own, and all the same password */
  username: string | undefined
  password: string
  pid: number
  /** file of the sensors' credentials, where each has its own and a change of it is followed */
  credentialsPath?: string
  stop(): Promise<void>
}

const password = 'a-password-of-this-benchmark'

/** Peak resident memory of a process, MB. */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1_024)
}

/** Resident memory of a process now, MB. */
export async function residentMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024)
}

/** CPU time that a process has taken so far, all threads, s. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100 // utime and stime, in hundredths of a second
}

/**
 * The broker with its journal and nobody who reads it (`journal`; `sensors`: where each sensor signs in as itself), Aedes alone
 * (`aedes`), or a socket that answers each chunk with a CONNACK, which is as little as Node can do (`answering`).
 */
export async function startBare(which: 'journal' | 'sensors' | 'aedes' | 'answering'): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-bench-'))
  const script = `${import.meta.dirname}/bare-server.ts`
  const child = spawn(process.execPath, ['--max-semi-space-size=32', '--import', 'tsx', script, which, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  return {
    port: Number(value),
    username: which === 'sensors' ? undefined : 'admin',
    password,
    pid: child.pid ?? 0,
    ...(which === 'sensors' && { credentialsPath: join(folder, 'credentials.json') }),
    async stop() {
      child.kill('SIGKILL')
      await once(child, 'exit')
      await rm(folder, { recursive: true })
    },
  }
}

/** mosquitto as Debian has it, with nothing durable; it lets in everybody. */
export const startPlainMosquitto = () => startMosquitto('allow_anonymous true', 'admin')

/** The same, but each sensor signs in as itself, with a password that mosquitto has hashed in its file. */
export const startMosquittoWithPasswords = () => startMosquitto('password_file passwords', undefined)

async function startMosquitto(access: string, username: string | undefined): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-bench-'))
  const port = await freePort()
  const paths = `${process.env.PATH}:/usr/sbin`
  const options = { cwd: folder, env: { PATH: paths } }
  await writeFile(
    join(folder, 'mosquitto.conf'),
    `user root\nlistener ${port} 127.0.0.1\n${access}\npersistence false\nlog_type none\nmax_inflight_messages 0\nset_tcp_nodelay true\n`,
  )
  const passwords = Array.from({ length: 10_000 }, (_, index) => `bench-${index}:${password}\n`)
  await writeFile(join(folder, 'passwords'), passwords.join(''))
  await promisify(execFile)('mosquitto_passwd', ['-U', 'passwords'], options)
  const child = spawn('mosquitto', ['-c', 'mosquitto.conf'], { ...options, stdio: 'ignore' })
  await once(child, 'spawn')
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  return {
    port,
    username,
    password,
    pid: child.pid ?? 0,
    async stop() {
      child.kill()
      await once(child, 'exit')
      await rm(folder, { recursive: true })
    },
  }
}
