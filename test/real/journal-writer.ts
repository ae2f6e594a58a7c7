// A process that appends numbered records to a local journal for as long as it lives, and prints the number of each one
// that was acknowledged. Arguments: folder of the journal, first number, appends under way at once.
import { openLocalJournal } from '#journal/local/local-journal.ts'
import { numbered, silent } from '../journal/journal-parts.ts'

const [path = '', first = '0', width = '1'] = process.argv.slice(2)
const journal = await openLocalJournal({ path, consumers: ['store'], maxBytes: 1_073_741_824, log: silent })
let number = Number(first)

async function writeOn(): Promise<void> {
  for (;;) {
    const mine = number++
    await journal.append([numbered(mine, 150)])
    process.stdout.write(`${mine}\n`)
  }
}

await Promise.all(Array.from({ length: Number(width) }, writeOn))
