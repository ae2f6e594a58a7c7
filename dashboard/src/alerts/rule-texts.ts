import type { AlertRuleDraft } from '#telemetry/alert-rule.ts'
import type { Language } from '#telemetry/language.ts'
import type { RuleFault } from './rule-form.ts'

interface RuleTexts {
  explain: string
  add: string
  edit: string
  remove: string
  tryOut: string
  save: string
  saving: string
  cancel: string
  none: string
  failed: string
  on: string
  off: string
  switchOn: (name: string) => string
  switchOff: (name: string) => string
  changed: (who: string, time: string) => string
  /** of a rule that nobody has changed since the platform was installed */
  installed: (time: string) => string
  everywhere: string
  formTitle: { add: string; edit: string }
  names: { vi: string; en: string }
  priority: string
  kind: string
  cause: string
  districts: string
  wards: string
  allIfNone: string
  sensors: string
  sensorsHint: string
  notify: string
  notifies: Record<AlertRuleDraft['notify'], string>
  enabled: string
  units: Record<'s' | 'm' | 'periods', string>
  /** what each field of a condition asks */
  fields: Record<string, string>
  /** words of choices: directions, bands, failures */
  choices: Record<string, string>
  faults: Record<RuleFault, string>
  fix: string
  conflict: string
  notSaved: (detail: string) => string
  confirmRemove: (name: string) => string
  confirmHint: string
  dryRun: {
    running: string
    would: (count: string) => string
    watched: (sensors: string, readings: string) => string
    partial: (from: string) => string
    newest: string
    lasted: (length: string) => string
    still: string
    perHours: (count: string, from: string) => string
    failed: string
  }
}

const vi: RuleTexts = {
  explain: 'Mỗi quy tắc theo dõi một loại cảm biến và sinh cảnh báo khi điều kiện đúng. Thay đổi có hiệu lực ngay.',
  add: 'Thêm quy tắc',
  edit: 'Sửa',
  remove: 'Xóa',
  tryOut: 'Chạy thử 7 ngày qua',
  save: 'Lưu',
  saving: 'Đang lưu…',
  cancel: 'Thôi',
  none: 'Chưa có quy tắc nào: không có gì sinh cảnh báo.',
  failed: 'Không tải được các quy tắc. Dịch vụ cảnh báo có thể không chạy.',
  on: 'Đang bật',
  off: 'Đang tắt',
  switchOn: (name) => `Bật quy tắc “${name}”`,
  switchOff: (name) => `Tắt quy tắc “${name}”`,
  changed: (who, time) => `${who} sửa lúc ${time}`,
  installed: (time) => `có sẵn từ khi cài đặt, ${time}`,
  everywhere: 'mọi nơi',
  formTitle: { add: 'Quy tắc mới', edit: 'Sửa quy tắc' },
  names: { vi: 'Tên tiếng Việt', en: 'Tên tiếng Anh' },
  priority: 'Mức',
  kind: 'Loại cảm biến',
  cause: 'Điều kiện',
  districts: 'Khu vực',
  wards: 'Phường',
  allIfNone: 'không chọn là tất cả',
  sensors: 'Chỉ các cảm biến (mã)',
  sensorsHint: 'Mỗi mã một dòng; để trống là tất cả.',
  notify: 'Gửi thông báo',
  notifies: { 'by-priority': 'theo mức', always: 'luôn gửi', never: 'không gửi' },
  enabled: 'Bật quy tắc',
  units: { s: 's', m: 'm', periods: 'chu kỳ' },
  fields: {
    value: 'Đại lượng',
    above: 'Cảnh báo khi lớn hơn',
    below: 'Cảnh báo khi nhỏ hơn',
    hysteresis: 'Chỉ hết khi lùi thêm',
    forSeconds: 'Kéo dài ít nhất',
    direction: 'Chiều',
    change: 'Thay đổi từ',
    withinSeconds: 'Trong vòng',
    tolerance: 'Coi là đứng yên nếu chỉ dao động',
    periods: 'Im lặng quá',
    minSeconds: 'Và ít nhất',
    band: 'Từ mức VN_AQI',
    index: 'Từ chỉ số ùn tắc',
    offBySeconds: 'Đồng hồ sai ít nhất',
    failures: 'Tính là hỏng khi',
    atLeast: 'Số cảm biến ít nhất',
    withinMetres: 'Cách nhau không quá',
  },
  choices: {
    up: 'tăng',
    down: 'giảm',
    either: 'tăng hoặc giảm',
    moderate: 'Trung bình',
    sensitive: 'Kém',
    unhealthy: 'Xấu',
    'very-unhealthy': 'Rất xấu',
    hazardous: 'Nguy hại',
    silence: 'mất tín hiệu',
    offline: 'ngoại tuyến',
    'lamp-dark': 'đèn tối ban đêm',
    'lamp-fault': 'đèn báo sự cố',
  },
  faults: {
    missing: 'Hãy điền ô này.',
    'not-a-number': 'Hãy điền một con số.',
    'out-of-range': 'Con số nằm ngoài khoảng cho phép.',
    'wrong-kind': 'Điều kiện này không dùng cho loại cảm biến này.',
    'wrong-value': 'Loại cảm biến này không có đại lượng đó, hoặc nó không phải con số.',
    'no-limit': 'Hãy điền ít nhất một trong hai ngưỡng.',
    'below-above': 'Ngưỡng dưới phải nhỏ hơn ngưỡng trên.',
    'lamps-only': 'Chỉ đèn mới hỏng theo cách này: hãy bỏ chọn hoặc đổi loại cảm biến.',
    wrong: 'Giá trị này không dùng được.',
  },
  fix: 'Quy tắc chưa được lưu: hãy sửa các ô có dấu ▲.',
  conflict: 'Có người vừa sửa quy tắc này. Hãy đóng, xem lại bản mới rồi sửa tiếp.',
  notSaved: (detail) => `Chưa lưu được: ${detail}`,
  confirmRemove: (name) => `Xóa quy tắc “${name}”?`,
  confirmHint: 'Các cảnh báo đã có vẫn nằm trong lịch sử. Nếu chỉ muốn tạm dừng, hãy tắt quy tắc.',
  dryRun: {
    running: 'Đang chạy thử trên số liệu 7 ngày qua…',
    would: (count) => `Quy tắc này sẽ sinh ${count} cảnh báo`,
    watched: (sensors, readings) => `trên ${sensors} cảm biến, ${readings} lần đo`,
    partial: (from) => `Số liệu quá nhiều cho một lần chạy thử: chỉ tính từ ${from}.`,
    newest: 'Mới nhất',
    lasted: (length) => `kéo dài ${length}`,
    still: 'chưa hết',
    perHours: (count, from) => `${count} cảnh báo trong 6 giờ từ ${from}`,
    failed: 'Không chạy thử được. Hãy thử lại sau ít phút.',
  },
}

const en: RuleTexts = {
  explain: 'Each rule watches one kind of sensor and raises an alert while its condition holds. Changes count at once.',
  add: 'Add a rule',
  edit: 'Edit',
  remove: 'Delete',
  tryOut: 'Try on the last 7 days',
  save: 'Save',
  saving: 'Saving…',
  cancel: 'Cancel',
  none: 'There are no rules yet, so nothing raises alerts.',
  failed: 'The rules could not be loaded. The alert service may not be running.',
  on: 'On',
  off: 'Off',
  switchOn: (name) => `Switch “${name}” on`,
  switchOff: (name) => `Switch “${name}” off`,
  changed: (who, time) => `changed by ${who}, ${time}`,
  installed: (time) => `came with the installation, ${time}`,
  everywhere: 'everywhere',
  formTitle: { add: 'New rule', edit: 'Change the rule' },
  names: { vi: 'Vietnamese name', en: 'English name' },
  priority: 'Priority',
  kind: 'Kind of sensor',
  cause: 'Condition',
  districts: 'Districts',
  wards: 'Wards',
  allIfNone: 'none chosen means all',
  sensors: 'Only these sensors (ids)',
  sensorsHint: 'One id a line; empty means all.',
  notify: 'Notifications',
  notifies: { 'by-priority': 'by priority', always: 'always', never: 'never' },
  enabled: 'The rule is on',
  units: { s: 's', m: 'm', periods: 'periods' },
  fields: {
    value: 'Value',
    above: 'Raised when above',
    below: 'Raised when below',
    hysteresis: 'Clears only when back by',
    forSeconds: 'Lasting at least',
    direction: 'Direction',
    change: 'Changes by',
    withinSeconds: 'Within',
    tolerance: 'Stuck while it moves no more than',
    periods: 'Silent for more than',
    minSeconds: 'And at least',
    band: 'From this band of VN_AQI',
    index: 'From this congestion index',
    offBySeconds: 'Clock wrong by at least',
    failures: 'Counts as failing',
    atLeast: 'Sensors at least',
    withinMetres: 'No further apart than',
  },
  choices: {
    up: 'up',
    down: 'down',
    either: 'up or down',
    moderate: 'Moderate',
    sensitive: 'Unhealthy for sensitive groups',
    unhealthy: 'Unhealthy',
    'very-unhealthy': 'Very unhealthy',
    hazardous: 'Hazardous',
    silence: 'silent',
    offline: 'offline',
    'lamp-dark': 'lamp dark at night',
    'lamp-fault': 'lamp reports a fault',
  },
  faults: {
    missing: 'Fill this in.',
    'not-a-number': 'Write a number.',
    'out-of-range': 'This number is outside what is allowed.',
    'wrong-kind': 'This condition is not for this kind of sensor.',
    'wrong-value': 'This kind of sensor has no such value, or it is no number.',
    'no-limit': 'Fill in at least one of the two limits.',
    'below-above': 'The lower limit must be smaller than the upper one.',
    'lamps-only': 'Only lamps fail like this: take it out or choose lamps.',
    wrong: 'This cannot be used.',
  },
  fix: 'The rule is not saved: mend the fields marked ▲.',
  conflict: 'Somebody has just changed this rule. Close this, look at the new version and change that.',
  notSaved: (detail) => `Not saved: ${detail}`,
  confirmRemove: (name) => `Delete the rule “${name}”?`,
  confirmHint: 'Alerts it has raised stay in the history. To pause it, switch it off instead.',
  dryRun: {
    running: 'Trying it on the readings of the last 7 days…',
    would: (count) => `It would have raised ${count}`,
    watched: (sensors, readings) => `on ${sensors} sensors, ${readings} readings`,
    partial: (from) => `There are too many readings for one run: it counts from ${from}.`,
    newest: 'Newest',
    lasted: (length) => `lasted ${length}`,
    still: 'not over',
    perHours: (count, from) => `${count} in the 6 hours from ${from}`,
    failed: 'It could not be tried. Try again in a few minutes.',
  },
}

/** Texts of the page of rules. */
export const ruleTexts: Readonly<Record<Language, RuleTexts>> = { vi, en }
