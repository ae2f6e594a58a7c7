import { z } from 'zod'

/**
 * One family of faults: the codes that it has, and for each a schema of its params. A fault is `{ code, params }` in the store and
 * on every wire, with `path` where it is about one part of a message; it is put into words where it is shown, by a table of
 * {@link FaultWords} a language. Sentences are never parsed.
 */
export type FaultTable = Readonly<Record<string, z.ZodObject>>

/** A fault of a family. `path` names the member it is about, such as `pm25` or `name.vi`; absent when it is about the whole. */
export type FaultOf<Table extends FaultTable> = {
  [Code in keyof Table & string]: { code: Code; params: z.infer<Table[Code]>; path?: string | undefined }
}[keyof Table & string]

/** The words of a family in one language: a missing code does not compile. */
export type FaultWords<Table extends FaultTable> = {
  readonly [Code in keyof Table & string]: (params: z.infer<Table[Code]>) => string
}

/** The schema of the faults of a family. */
export function faultSchemaOf<Table extends FaultTable>(table: Table): z.ZodType<FaultOf<Table>> {
  const [first, ...others] = Object.entries(table).map(([code, params]) =>
    z.object({ code: z.literal(code), params, path: z.string().optional() }),
  )
  if (!first) throw new RangeError('there is no code')
  const schema: unknown = z.discriminatedUnion('code', [first, ...others])
  return schema as z.ZodType<FaultOf<Table>> // one member a code, as the type says
}

/**
 * The schema of a list of faults that may come from another release: those that are not known here are left out, one by one. Absent when
 * none is left or there was none; the English sentence beside it then says what there is to say.
 */
export function knownFaults<Fault>(fault: z.ZodType<Fault>) {
  const known = (given: unknown): Fault[] | undefined => {
    if (!Array.isArray(given)) return undefined
    const faults = given.flatMap((each) => fault.safeParse(each).data ?? [])
    return faults.length > 0 ? faults : undefined
  }
  return z.codec(z.unknown(), z.array(fault).optional(), { decode: known, encode: (faults) => faults }).optional()
}

/** A fault in words, with the name of the member in front of them. */
export function wordsOfFault<Table extends FaultTable>(words: FaultWords<Table>, fault: FaultOf<Table>): string {
  const { code, params, path } = fault
  const say: (given: typeof params) => string = words[code] // code and params are of one member of the union
  return path === undefined ? say(params) : `${path}: ${say(params)}`
}
