// npm run history -- rebuild | sample
import { ConfigError, PlatformError } from '#telemetry/errors.ts'
import { type HistoryCommand, interruptedCode } from './history-command.ts'
import { rebuildCommand } from './history-rebuild.ts'
import { sampleCommand } from './history-sample.ts'

const commands: Readonly<Record<string, HistoryCommand>> = {
  rebuild: rebuildCommand,
  sample: sampleCommand,
}

/** What there is, as text. */
function helpText(): string {
  const entries = Object.entries(commands).flatMap(([name, { summary, usage }]) => [
    `  ${name.padEnd(10)}${summary}`,
    ...usage.map((line) => `            ${line}`),
  ])
  return [
    'npm run history -- COMMAND',
    '',
    ...entries,
    '',
    'Settings are those of the platform: DATA_DIR, STORE, INFLUX_URL …',
  ].join('\n')
}

async function main(signal: AbortSignal): Promise<number> {
  const [, name, ...args] = process.argv.slice(2) // the first is the name of this launcher
  if (name === undefined || name === 'help' || name === '--help' || name === '-h' || args.includes('--help')) {
    console.log(helpText())
    return name === undefined ? 1 : 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command)
    throw new ConfigError(`no command "${name}"; there are ${Object.keys(commands).join(', ')}\n${helpText()}`)
  return command.run(args, signal)
}

const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    if (stopping.signal.aborted) process.exit(interruptedCode) // asked twice: now
    stopping.abort()
  })
try {
  process.exit(await main(stopping.signal))
} catch (error) {
  console.error(error instanceof PlatformError || error instanceof TypeError ? `nhip: ${error.message}` : error)
  process.exit(1)
}
