// SPDX-License-Identifier: Apache-2.0
// Colours for SQL, CQL and shell text. Only for reading: nothing is checked here.
import type { Token } from "./json";

const WORDS = new Set(
  (
    "add after all allow alter and apply array as asc at available avg batch begin between bigint boolean by case cast check close " +
    "clustering column compact connector constraint count create cross date dead decimal default delete desc describe distinct double drop " +
    "emit encode end epoch error event every exists explain expire false filtering float for format from full group having header hop idle if " +
    "in inner insert int integer interval into is join json key keyspace language last left letter like limit list map materialized max " +
    "metadata min not now null offset on or order outer over partition pause plain primary query replace resume right select session set show " +
    "sink smallint source sum table text then time timestamp timestamptz timeuuid tinyint to token trigger true ttl tumble type union " +
    "unlogged update upsert use using uuid values varchar view watermark when where window with within"
  ).split(" "),
);

const LEXEME =
  /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^']|'')*'?|"(?:[^"]|"")*"?)|(\d+(?:\.\d+)?)|([A-Za-z_][\w$]*)|(\s+)|([\s\S])/gy;

export function sqlTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(LEXEME)) {
    const [whole, comment, quoted, number, word, space] = match;
    if (comment) tokens.push({ kind: "comment", text: whole });
    else if (quoted) tokens.push({ kind: quoted.startsWith("'") ? "string" : "key", text: whole });
    else if (number) tokens.push({ kind: "number", text: whole });
    else if (word)
      tokens.push({ kind: WORDS.has(word.toLowerCase()) ? "word" : "text", text: whole });
    else tokens.push({ kind: space ? "space" : "mark", text: whole });
  }
  return tokens;
}
