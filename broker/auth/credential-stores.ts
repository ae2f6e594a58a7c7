import type { Logger } from 'pino'
import { Credentials } from './credentials.ts'
import { LastSeen } from './last-seen.ts'

/** The files about devices and people with a credential. */
export interface CredentialPaths {
  /** file of the credentials of devices and people, watched */
  credentialsPath: string
  /** file of when each of them was last in use */
  lastSeenPath: string
}

export interface CredentialStores {
  credentials: Credentials
  lastSeen: LastSeen
  close(): Promise<void>
}

/** Opens both files. @throws ConfigError when the file of credentials is damaged */
export async function openCredentialStores(
  { credentialsPath, lastSeenPath }: CredentialPaths,
  log: Logger,
): Promise<CredentialStores> {
  const credentials = await Credentials.open(credentialsPath, log)
  const lastSeen = await LastSeen.open(lastSeenPath, log)
  return {
    credentials,
    lastSeen,
    async close() {
      credentials.close()
      await lastSeen.close()
    },
  }
}
