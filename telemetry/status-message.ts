import { type DeviceFault, type DeviceMessage, maxDeviceMessageBytes, textOf } from './device-fault.ts'
import { quotableText } from './faults/quotable-text.ts'
import { messageText } from './message-text.ts'
import { type Connection, connectionSchema } from './sensor.ts'

/** What devices write for the two words, in lower case. */
const words: Readonly<Record<string, Connection>> = {
  ...{ online: 'online', connected: 'online', true: 'online', '1': 'online' },
  ...{ offline: 'offline', disconnected: 'offline', lost: 'offline', false: 'offline', '0': 'offline' },
}

/** Members of a JSON object that hold the word, in lower case, in the order in which they are looked for. */
const members = ['status', 'state', 'connection', 'online', 'connected', 'value'] as const

/** characters of a wrong status that are repeated */
const maxShown = 40

const refused = (text: string): { ok: false; fault: DeviceFault } => ({
  ok: false,
  fault: {
    code: 'VALUE',
    faults: [
      {
        code: 'NOT_ONE_OF',
        params: { found: quotableText(text.slice(0, maxShown)), choices: [...connectionSchema.options] },
      },
    ],
  },
})

/** The word that a JSON value is or holds; undefined when it is none. */
function wordOf(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return String(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const held = new Map(Object.entries(value).map(([name, of]) => [name.toLowerCase(), of as unknown]))
  const name = members.find((member) => held.has(member))
  const inner = name && held.get(name)
  return typeof inner === 'object' ? undefined : wordOf(inner)
}

function fromJson(text: string): string | undefined {
  try {
    return wordOf(JSON.parse(text))
  } catch {
    return undefined // plain text, which is what it should be
  }
}

/**
 * Reads a status: `online` or `offline`, in any case, with a byte order mark, quotes, spaces or ends of lines around it, or in a JSON
 * object. Undefined as the value: the retained status is taken away.
 */
export function decodeStatus(payload: Uint8Array): DeviceMessage<Connection | undefined> {
  if (payload.byteLength === 0) return { ok: true, value: undefined }
  const text = messageText(textOf(payload.subarray(0, maxDeviceMessageBytes))).trim()
  const word = (fromJson(text) ?? text).trim().toLowerCase()
  const said = Object.hasOwn(words, word) ? words[word] : undefined
  return said ? { ok: true, value: said } : refused(text === '' ? '""' : text)
}
