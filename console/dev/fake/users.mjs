// SPDX-License-Identifier: Apache-2.0
// Invented people in the shape of the users pipeline, repeatable from a seed.

export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const FIRST = {
  male: ["Milan", "Arno", "Jonas", "Tariq", "Pavel", "Luca"],
  female: ["Ines", "Mira", "Greta", "Noor", "Alva", "Carla"],
};
const LAST = ["Okafor", "Lindqvist", "Moreau", "Petrov", "Tanaka", "Ribeiro", "Haddad", "Novak"];
const STREET = ["Harbour Road", "Mill Lane", "Station Street", "Kirkevej", "Rue des Lilas"];
const CITY = ["Bergen", "Porto", "Ghent", "Turku", "Leeds", "Graz"];

export function uuid(random) {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  hex[12] = "4";
  hex[16] = "89ab"[Math.floor(random() * 4)];
  const text = hex.join("");
  return [
    text.slice(0, 8),
    text.slice(8, 12),
    text.slice(12, 16),
    text.slice(16, 20),
    text.slice(20),
  ].join("-");
}

const pick = (random, list) => list[Math.floor(random() * list.length)];

export function user(random, now) {
  const gender = random() < 0.5 ? "male" : "female";
  const first = pick(random, FIRST[gender]);
  const last = pick(random, LAST);
  const number = Math.floor(random() * 900) + 100;
  return {
    id: uuid(random),
    first_name: first,
    last_name: last,
    gender,
    address: `${Math.floor(random() * 200) + 1} ${pick(random, STREET)}, ${pick(random, CITY)}`,
    post_code: random() < 0.3 ? `${number}-${number + 7}` : number * 97,
    email: `${first}.${last}${number}@example.org`.toLowerCase(),
    username: `${first.toLowerCase()}${number}`,
    dob: `19${60 + Math.floor(random() * 39)}-0${1 + Math.floor(random() * 9)}-1${Math.floor(random() * 10)}T04:12:11.008Z`,
    registered_date: new Date(now - Math.floor(random() * 1e11)).toISOString(),
    phone: `+47 ${number} ${number + 3} 21`,
    picture: `https://example.org/portraits/${number}.jpg`,
  };
}

const FAULTS = [
  ["email_shape", (u) => ({ ...u, email: u.email.replace("@", " at ") })],
  ["gender_known", (u) => ({ ...u, gender: "unknown" })],
  ["id_is_uuid", (u) => ({ ...u, id: "42" })],
  ["email_not_null", (u) => ({ ...u, email: null })],
];

/** A user with one broken field and the name of the rule it breaks; now and then no JSON at all. */
export function brokenUser(random, now) {
  if (random() < 0.12) {
    return {
      rule: "malformed_json",
      value: {
        base64: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x69, 0x64, 0x22, 0x3a, 0x00, 0x01]).toString(
          "base64",
        ),
      },
    };
  }
  const [rule, spoil] = pick(random, FAULTS);
  return { rule, value: { text: JSON.stringify(spoil(user(random, now))) } };
}
