import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCredentials } from '#broker/auth/credentials-file.ts'
import { hashSecret } from '#broker/auth/secret.ts'

const count = 1_000

describe('the file of credentials, read again,', () => {
  let folder: string
  let path: string
  let credentials: Record<string, Record<string, unknown>>
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-credentials-'))
    path = join(folder, 'credentials.json')
    const sensor = {
      ...{ role: 'sensor', district: 'tay-ninh', kind: 'lighting' },
      ...{ hash: await hashSecret('a secret'), createdAt: '2026-11-25T00:00:00.000Z' },
    }
    const ids = ['constructor', ...Array.from({ length: count - 1 }, (_, i) => `lamp-${i}`)]
    credentials = Object.fromEntries(ids.map((id) => [id, { ...sensor }]))
    await write()
  })
  afterEach(() => rm(folder, { recursive: true }))
  const write = () => writeFile(path, JSON.stringify({ version: 1, credentials }))

  it('keeps what has not changed as it was, and takes up the rest', async () => {
    const before = await readCredentials(path)
    delete credentials['lamp-1']
    credentials['lamp-2'] = { ...credentials['lamp-2'], rotatedAt: '2026-11-26T00:00:00.000Z' }
    credentials['lamp-3'] = { ...credentials['lamp-3'], kind: 'traffic' }
    credentials['lamp-new'] = { ...credentials['lamp-4'] }
    await write()
    const after = await readCredentials(path, before)
    expect(after?.size).toBe(count)
    expect(after?.has('lamp-1')).toBe(false)
    expect(after?.get('lamp-2')).toEqual(credentials['lamp-2'])
    expect(after?.get('lamp-3')).toEqual(credentials['lamp-3'])
    expect(after?.get('lamp-new')).toEqual(credentials['lamp-new'])
    expect(after?.get('lamp-2')).not.toBe(before?.get('lamp-2'))
    const same = [...(before ?? [])].filter(([id, credential]) => after?.get(id) === credential)
    expect(same).toHaveLength(count - 3)
  })

  it.for([
    { what: 'a wrong hash', change: { hash: 'plain' }, says: /lamp-700\.hash: is no scrypt hash/ },
    { what: 'a wrong kind', change: { kind: 'bus' }, says: /lamp-700\.kind/ },
    { what: 'a missing time', change: { createdAt: undefined }, says: /lamp-700\.createdAt/ },
  ])('is refused as a whole when a known entry has got $what', async ({ change, says }) => {
    const before = await readCredentials(path)
    credentials['lamp-700'] = { ...credentials['lamp-700'], ...change }
    await write()
    await expect(readCredentials(path, before)).rejects.toThrow(says)
  })

  it('is refused when it is no file of credentials', async () => {
    for (const text of [
      '[]',
      '{}',
      '{"version":1}',
      '{"version":1,"credentials":[]}',
      '{"version":2,"credentials":{}}',
    ]) {
      await writeFile(path, text)
      await expect(readCredentials(path), text).rejects.toThrow('is damaged')
    }
  })
})
