import { availableParallelism } from 'node:os'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { ConfigError } from '#telemetry/errors.ts'
import { kinds } from '#telemetry/kinds.ts'
import { openFault } from './errors.ts'
import { isOursSql, snapshotStatements } from './newest-snapshot-sql.ts'
import { ReadConnections } from './read-connections.ts'
import { makeRollUpTables } from './roll-up/roll-up-tables.ts'
import { createStatements, layoutVersion, stageStatements } from './schema.ts'
import { completeSortKeysSql } from './sorting-sql.ts'

/** most memory DuckDB takes for itself */
const memoryLimit = '512MB'
/** written since the last checkpoint at which it is time for the next: each writes the last, incomplete row group anew, and what comes after it is read at the next start after a crash */
const checkpointThreshold = '64MB'

/** threads of DuckDB for the queries of all connections together: each query has that of its connection besides, and the others need the processor too */
const threads = Math.max(1, Math.floor(availableParallelism() / 2))
/** connections that read on behalf of people, for the platform itself, and for what it reads in pages; each takes one of the threads that Node shares among all */
const readers = { people: 3, platform: 2, pages: 8 }

/** A DuckDB file that is open, with its connections. */
export interface OpenDatabase {
  instance: DuckDBInstance
  /** writes, one after the other */
  writer: DuckDBConnection
  readers: Record<keyof typeof readers, ReadConnections>
}

/**
 * Opens a DuckDB file, made when missing, with the tables of this release.
 * @throws ConfigError when the file is in use, cannot be written, or was written by another version
 */
export async function openDatabase(path: string): Promise<OpenDatabase> {
  let instance: DuckDBInstance
  try {
    instance = await DuckDBInstance.create(path, {
      memory_limit: memoryLimit,
      checkpoint_threshold: checkpointThreshold,
      threads: String(threads),
    })
  } catch (error) {
    throw openFault(path, error)
  }
  const writer = await instance.connect()
  try {
    for (const statement of [...createStatements, ...snapshotStatements]) await writer.run(statement)
    await checkLayout(writer, path)
    await completeSortKeys(writer)
    await makeRollUpTables(writer)
    for (const statement of stageStatements) await writer.run(statement)
    const connect = () => instance.connect()
    return {
      ...{ instance, writer },
      readers: {
        people: new ReadConnections(connect, readers.people),
        platform: new ReadConnections(connect, readers.platform),
        pages: new ReadConnections(connect, readers.pages),
      },
    }
  } catch (error) {
    writer.closeSync()
    instance.closeSync()
    throw error instanceof ConfigError ? error : openFault(path, error)
  }
}

/** Looks through all readings only where another release may have written some. */
async function completeSortKeys(connection: DuckDBConnection): Promise<void> {
  for (const kind of kinds) {
    const [[isOurs] = []] = (await connection.runAndReadAll(isOursSql(kind), { kind })).getRows()
    if (!isOurs) await connection.run(completeSortKeysSql(kind))
  }
}

async function checkLayout(connection: DuckDBConnection, path: string): Promise<void> {
  const [found] = (await connection.runAndReadAll('SELECT version FROM layout')).getRows()
  if (!found) await connection.run('INSERT INTO layout VALUES ($version)', { version: layoutVersion })
  else if (found[0] !== layoutVersion)
    throw new ConfigError(
      `DATA_DIR: the store "${path}" has layout ${found[0]}, this release reads ${layoutVersion}; use the release that wrote it, or another DATA_DIR`,
    )
}

/** Closes the file, which stays locked until the last connection is closed. A connection must not be closed under a running query: that ends the process. */
export async function closeDatabase({ instance, writer, readers }: OpenDatabase): Promise<void> {
  await Promise.all(Object.values(readers).map((each) => each.close()))
  writer.closeSync()
  instance.closeSync()
}
