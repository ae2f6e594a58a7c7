import { kindModules, kindSchema } from '../kinds.ts'
import type { FaultWords } from './fault-table.ts'
import type { JsonProblem } from './json-fault.ts'
import { kindWords } from './kind-faults.ts'
import type { messageFaults } from './message-faults.ts'
import { valueWordsVi } from './value-words-vi.ts'

const time = (ts: number) => new Date(ts).toISOString()

const jsonProblems: Readonly<Record<Exclude<JsonProblem, 'CHARACTER'>, string>> = {
  CUT_OFF: 'bản tin bị cắt giữa chừng',
  PART: 'có phần không đúng chỗ',
  TEXT_BEHIND: 'còn ký tự thừa sau phần JSON',
  NAME_OR_BRACE: "thiếu tên trong dấu nháy kép, hoặc '}'",
  QUOTED_NAME: 'thiếu tên trong dấu nháy kép',
  COLON: "thiếu ':' sau tên",
  COMMA_OR_BRACE: "thiếu ',' hoặc '}' sau giá trị",
  COMMA_OR_BRACKET: "thiếu ',' hoặc ']' sau phần tử của mảng",
  OPEN_STRING: 'chữ thiếu dấu nháy kép đóng',
  CONTROL_CHARACTER: 'có ký tự điều khiển trong chữ',
  ESCAPE: "sai ký tự sau dấu '\\'",
  UNICODE_ESCAPE: "sai mã sau '\\u'",
  NUMBER_BEHIND_MINUS: 'thiếu số sau dấu trừ',
  EXPONENT: 'thiếu số mũ',
  FRACTION: 'thiếu số sau dấu chấm',
}

function calledVi(kind: string): string {
  const known = kindSchema.safeParse(kind).data
  return known ? kindModules[known].called.vi : kind
}

/** What is wrong with a message, in Vietnamese. */
export const messageWordsVi: FaultWords<typeof messageFaults> = {
  ...valueWordsVi,
  ...kindWords('vi'),
  WRONG_TOPIC: ({ channel }) =>
    `chủ đề không có dạng city/v1/{district}/{kind}/{sensor}/${channel} với loại đã biết và mã gồm a-z, 0-9, -`,
  EMPTY_MESSAGE: () => 'bản tin rỗng',
  COMPRESSED: () => 'bị nén bằng gzip, phải là JSON thường',
  UTF_16: () => 'là UTF-16, phải là UTF-8',
  WORD_FOR_NO_NUMBER: ({ word }) => `${word} không phải JSON: bỏ giá trị đó, hoặc gửi null`,
  NOT_JSON: ({ problem, character, within, at, said }) => {
    if (!problem) return said
    const place = at === undefined ? '' : ` (ký tự thứ ${at + 1})`
    if (problem !== 'CHARACTER') return jsonProblems[problem] + place
    return `ký tự ${character ?? ''} không đúng chỗ${within === undefined ? '' : ` trong ${within}`}${place}`
  },
  TOO_MANY_BYTES: ({ bytes, most }) => `dài ${bytes} byte; chỉ nhận nhiều nhất ${most}`,
  TOO_MANY_READINGS: ({ readings, most }) => `lô có ${readings} số đo; chỉ nhận nhiều nhất ${most}`,
  NOT_A_META: () => 'không phải lời tự khai của cảm biến',
  NO_KNOWN_VALUE: ({ kind }) => `không có giá trị nào mà ${calledVi(kind)} được gửi`,
  TOO_FAR_AHEAD: ({ ts, hours }) => `${time(ts)} muộn hơn lúc nhận hơn ${hours} giờ`,
  TOO_OLD: ({ ts, keptBy, days }) => {
    const kept = keptBy === 'store' ? `số ngày của chính kho số liệu: ${days}` : `${keptBy}=${days}`
    return `${time(ts)} đã quá thời hạn lưu trữ (${kept})`
  },
  TOO_OLD_FOR_STORE: ({ ts, said }) => `${time(ts)} đã quá thời hạn lưu trữ (${said})`,
  WAITED_TOO_LONG: ({ arrivedAt }) => `nhận lúc ${time(arrivedAt)}, đã quá thời hạn của kho số liệu`,
  NO_PLACE_OF_A_SENSOR: ({ found }) => `là ${found}, không phải nơi đặt cảm biến`,
  NOT_A_POSITION: ({ found }) => `là ${found}, phải là kinh độ và vĩ độ, hai con số`,
  POSITION_SWAPPED: ({ found }) => `là ${found}, phải là kinh độ trước, vĩ độ sau`,
  OUTSIDE_DISTRICT: ({ found, district, km, mostKm }) =>
    `là ${found}, ngoài ${district} ${km} km; chỉ nhận nhiều nhất ${mostKm} km`,
  REFUSED_BY_STORE: ({ said }) => said,
  UNDECODABLE: ({ said }) => `không giải mã được: ${said}`,
  NOT_SHOWN_LIVE: ({ said }) => `đã lưu, nhưng không hiển thị trực tiếp được: ${said}`,
  MESSAGE_UNREADABLE: ({ said }) => `không giữ được bản tin: ${said}`,
  TOO_MANY_REFUSALS: () => 'bị từ chối, không giữ lại: quá nhiều trong phút này',
}
