import { kindOf, kinds } from '#telemetry/kinds.ts'
import type { Language } from '#telemetry/language.ts'
import { jsonFaultInVietnamese } from './json-fault-words.ts'

interface QuarantineTexts {
  explain: string
  none: string
  failed: string
  refusedAt: string
  reason: string
  message: string
  count: string
  /** of a message of which only some values are wrong */
  partial: string
  /** a message without a byte */
  empty: string
  /** each kind of fault in a few words; the reason itself names value and limit */
  codes: Readonly<Record<string, string>>
}

const vi: QuarantineTexts = {
  explain:
    'Bản tin, hoặc giá trị trong bản tin, không hợp lệ: giữ lại cùng lý do. Phần sai không vào kho số liệu; hãy sửa thiết bị theo lý do.',
  none: 'Không có bản tin nào bị cách ly.',
  failed: 'Không tải được danh sách; đang thử lại…',
  refusedAt: 'Bị từ chối lúc',
  reason: 'Lý do',
  message: 'Bản tin',
  count: 'Số lần',
  partial: 'Các giá trị khác của bản tin đã được lưu.',
  empty: '(bản tin rỗng)',
  codes: {
    TOPIC: 'Sai chủ đề',
    JSON: 'Không phải JSON',
    SHAPE: 'Sai cấu trúc',
    VALUE: 'Giá trị không hợp lệ',
    PLACE: 'Vị trí không hợp lệ',
    FUTURE: 'Thời điểm đo ở tương lai',
    PAST: 'Cũ hơn thời hạn lưu trữ',
    STORE: 'Kho số liệu từ chối',
    FAULT: 'Nền tảng không xử lý được',
    NOT_KEPT: 'Bị từ chối, không giữ lại',
  },
}

const en: QuarantineTexts = {
  explain:
    'Messages, or values of them, that did not validate: kept with the reason. What is wrong is not in the store; mend the device by the reason.',
  none: 'No message is in quarantine.',
  failed: 'The list could not be loaded; trying again…',
  refusedAt: 'Refused at',
  reason: 'Reason',
  message: 'Message',
  count: 'Count',
  partial: 'Its other values are stored.',
  empty: '(an empty message)',
  codes: {
    TOPIC: 'Wrong topic',
    JSON: 'Not JSON',
    SHAPE: 'Wrong shape',
    VALUE: 'Value not allowed',
    PLACE: 'Position not allowed',
    FUTURE: 'Measured in the future',
    PAST: 'Older than is kept',
    STORE: 'Refused by the store',
    FAULT: 'The platform could not handle it',
    NOT_KEPT: 'Refused, not kept',
  },
}

/** Texts of the page of messages that did not validate; they come with it. */
export const quarantineTexts: Readonly<Record<Language, QuarantineTexts>> = { vi, en }

/** What ingest says of a message that it refuses, sentence by sentence, and the same in Vietnamese. */
const sentences: readonly [said: RegExp, vi: string][] = [
  [/^topic is not (\S+) with a known kind and ids of (.+)$/, 'chủ đề không có dạng $1 với loại đã biết và mã gồm $2'],
  [/^a batch of (\d+) readings; at most (\d+) are taken$/, 'lô có $1 số đo; chỉ nhận nhiều nhất $2'],
  ...kinds.map((kind): [RegExp, string] => {
    const { vi, en } = kindOf(kind).called
    return [new RegExp(`^holds no known value of ${en}$`), `không có giá trị nào mà ${vi} được gửi`]
  }),
  [/^refused, not kept: too many in this minute$/, 'bị từ chối, không giữ lại: quá nhiều trong phút này'],
  [/^is missing$/, 'thiếu'],
  [/^is empty$/, 'bản tin rỗng'],
  [
    /^may hold no control characters and no marks that turn text around, show nothing or pile up$/,
    'không được có ký tự điều khiển, ký tự không nhìn thấy, đảo chiều chữ hay chồng dấu',
  ],
  [/^is (.+), must be at least (\S+) characters$/, 'là $1, phải có ít nhất $2 ký tự'],
  [/^is (.+), must be at least (\S+) items$/, 'là $1, phải có ít nhất $2 phần tử'],
  [/^is (.+), must be at most (\S+) items$/, 'là $1, không được quá $2 phần tử'],
  [/^(\S+) is no JSON: leave the value out, or send null$/, '$1 không phải JSON: bỏ giá trị đó, hoặc gửi null'],
  [/^arrived (\S+), longer ago than the store keeps$/, 'nhận lúc $1, đã quá thời hạn của kho số liệu'],
  [/^stored, but not shown live: (.+)$/, 'đã lưu, nhưng không hiển thị trực tiếp được: $1'],
  [/^is compressed with gzip, must be plain JSON$/, 'bị nén bằng gzip, phải là JSON thường'],
  [/^is UTF-16, must be UTF-8$/, 'là UTF-16, phải là UTF-8'],
  [/^cannot be decoded: (.+)$/, 'không giải mã được: $1'],
  [/^is (.+), must be a finite number$/, 'là $1, phải là số hữu hạn'],
  [/^is (\d+), but (.+) and (.+) add up to (\d+)$/, 'là $1, nhưng $2 và $3 cộng lại là $4'],
  [/^(\S+) is more than 24 h ahead of its arrival$/, '$1 muộn hơn lúc nhận hơn 24 giờ'],
  [/^(\S+) is longer ago than readings are kept \((.+)\)$/, '$1 đã quá thời hạn lưu trữ ($2)'],
  [
    /^is (.+), must be milliseconds since 1970, from the year 2000 to 2100$/,
    'là $1, phải là mili giây kể từ năm 1970, trong khoảng năm 2000 đến 2100',
  ],
  [/^is (.+), must not be empty$/, 'là $1, không được để trống'],
  [/^is (.+), must be at most (\S+) characters$/, 'là $1, không được quá $2 ký tự'],
  [/^is (.+), must be at least (\S+)$/, 'là $1, phải từ $2 trở lên'],
  [/^is (.+), must be at most (\S+)$/, 'là $1, không được quá $2'],
  [/^is (.+), must be one of (.+)$/, 'là $1, phải là một trong: $2'],
  [/^is (.+), which is no place of a sensor$/, 'là $1, không phải nơi đặt cảm biến'],
  [/^is (.+), must be longitude and latitude, two numbers$/, 'là $1, phải là kinh độ và vĩ độ, hai con số'],
  [/^is (.+), must be longitude, then latitude$/, 'là $1, phải là kinh độ trước, vĩ độ sau'],
  [/^is (.+), (\d+) km outside (\S+); at most (\d+) km are taken$/, 'là $1, ngoài $3 $2 km; chỉ nhận nhiều nhất $4 km'],
  [/^is (\d+) bytes long; at most (\d+) are taken$/, 'dài $1 byte; chỉ nhận nhiều nhất $2'],
  [/^is not what a sensor says of itself$/, 'không phải lời tự khai của cảm biến'],
  [/^is (.+), must be an array$/, 'là $1, phải là mảng'],
  [
    /^must be 1 to 64 lower-case letters, digits or inner hyphens$/,
    'phải gồm 1 đến 64 chữ thường, chữ số hoặc gạch nối ở giữa',
  ],
  [/^is (.+), must be a number$/, 'là $1, phải là số'],
  [/^is (.+), must be a whole number$/, 'là $1, phải là số nguyên'],
  [/^is (.+), must be a text$/, 'là $1, phải là chữ'],
  [/^is (.+), must be a JSON object$/, 'là $1, phải là một đối tượng JSON'],
]

function inVietnamese(said: string): string | undefined {
  for (const [sentence, words] of sentences) if (sentence.test(said)) return said.replace(sentence, words)
  return jsonFaultInVietnamese(said)
}

/** The reason of a refusal in the language of the page; what the store said stays as it said it. */
export function reasonWords(language: Language, reason: string): string {
  if (language === 'en') return reason
  const [, name = '', said = reason] = /^([\w.]+: )?(.*)$/s.exec(reason) ?? []
  const words = inVietnamese(said)
  return words === undefined ? reason : name + words
}
