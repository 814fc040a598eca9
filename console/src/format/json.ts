// SPDX-License-Identifier: Apache-2.0
// Pretty-prints JSON from its own text. Nothing is parsed into numbers, so 64-bit ids and 1.10 stay as written;
// text that is not JSON is told apart and left alone.

export type TokenKind =
  "key" | "string" | "number" | "word" | "mark" | "space" | "comment" | "text";

export interface Token {
  kind: TokenKind;
  text: string;
}

const LEXEME =
  /\s*(?:([[\]{}:,])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y;

interface Lexeme {
  kind: "mark" | "string" | "number" | "word";
  text: string;
}

function lex(text: string): Lexeme[] | null {
  const found: Lexeme[] = [];
  LEXEME.lastIndex = 0;
  const end = text.trimEnd().length;
  while (LEXEME.lastIndex < end) {
    const match = LEXEME.exec(text);
    if (!match) return null;
    if (match[1]) found.push({ kind: "mark", text: match[1] });
    else if (match[2]) found.push({ kind: "string", text: match[2] });
    else if (match[3]) found.push({ kind: "number", text: match[3] });
    else found.push({ kind: "word", text: match[4]! });
  }
  return found;
}

/** Tokens of the indented document, or null when the text is not one JSON value. */
export function prettyJson(text: string, indent = 2): Token[] | null {
  const lexemes = lex(text);
  if (!lexemes || lexemes.length === 0) return null;
  return new Printer(lexemes, indent).print();
}

export function tokensToText(tokens: Token[]): string {
  return tokens.map((token) => token.text).join("");
}

const DEPTH_MAX = 200;

class Printer {
  private readonly out: Token[] = [];
  private at = 0;
  private depth = 0;

  constructor(
    private readonly lexemes: Lexeme[],
    private readonly indent: number,
  ) {}

  print(): Token[] | null {
    return this.value() && this.at === this.lexemes.length ? this.out : null;
  }

  private peek(): Lexeme | undefined {
    return this.lexemes[this.at];
  }

  private take(mark: string): boolean {
    const next = this.peek();
    if (next?.kind !== "mark" || next.text !== mark) return false;
    this.at++;
    return true;
  }

  private put(kind: TokenKind, text: string): void {
    this.out.push({ kind, text });
  }

  private line(): void {
    this.put("space", `\n${" ".repeat(this.depth * this.indent)}`);
  }

  private value(): boolean {
    const next = this.peek();
    if (!next) return false;
    if (next.kind !== "mark") {
      this.at++;
      this.put(next.kind, next.text);
      return true;
    }
    if (this.take("{")) return this.list("{", "}", () => this.member());
    if (this.take("[")) return this.list("[", "]", () => this.value());
    return false;
  }

  private list(open: string, close: string, item: () => boolean): boolean {
    this.put("mark", open);
    if (this.take(close)) {
      this.put("mark", close);
      return true;
    }
    if (++this.depth > DEPTH_MAX) return false;
    do {
      if (this.out[this.out.length - 1]!.text !== open) this.put("mark", ",");
      this.line();
      if (!item()) return false;
    } while (this.take(","));
    this.depth--;
    if (!this.take(close)) return false;
    this.line();
    this.put("mark", close);
    return true;
  }

  private member(): boolean {
    const key = this.peek();
    if (key?.kind !== "string") return false;
    this.at++;
    if (!this.take(":")) return false;
    this.put("key", key.text);
    this.put("mark", ": ");
    return this.value();
  }
}
