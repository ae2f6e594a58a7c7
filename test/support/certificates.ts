import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** A certificate with its key, in files. */
export interface CertificateFiles {
  cert: string
  key: string
}

/** A certificate authority of a test's own, made with openssl. */
export interface Authority {
  folder: string
  /** file of its certificate */
  ca: string
  /** Makes a certificate for a common name, valid on localhost; negative days make one that has ended. */
  issue(name: string, days?: number): Promise<CertificateFiles>
  close(): Promise<void>
}

/** Makes an authority in a folder of its own. */
export async function makeAuthority(): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-ca-'))
  const path = (name: string) => join(folder, name)
  const ca = path('ca.crt')
  await run('openssl', [
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    path('ca.key'),
    '-out',
    ca,
    '-subj',
    '/CN=test',
    '-days',
    '30',
  ])
  await writeFile(path('san'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  let made = 0
  return {
    folder,
    ca,
    async issue(name, days = 30) {
      made += 1
      const [key, request, cert] = [path(`${made}.key`), path(`${made}.csr`), path(`${made}.crt`)]
      await run('openssl', ['req', ...newKey, '-keyout', key, '-out', request, '-subj', `/CN=${name}`])
      const sign = [
        '-CA',
        ca,
        '-CAkey',
        path('ca.key'),
        '-CAcreateserial',
        '-days',
        String(days),
        '-extfile',
        path('san'),
      ]
      await run('openssl', ['x509', '-req', '-in', request, ...sign, '-out', cert])
      return { cert, key }
    },
    close: () => rm(folder, { recursive: true }),
  }
}

/** What stands in the files of a certificate. */
export async function contentOf({ cert, key }: CertificateFiles): Promise<{ cert: Buffer; key: Buffer }> {
  return { cert: await readFile(cert), key: await readFile(key) }
}
