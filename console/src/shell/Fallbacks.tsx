// SPDX-License-Identifier: Apache-2.0
import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { buttonClass } from "@/ui/Button";
import { Empty, Failure } from "@/ui/Notice";

export function NotFound() {
  return (
    <div>
      <h1 className="sr-only">Page not found</h1>
      <Empty title="There is no such page">
        The address may be mistyped or from another version.
      </Empty>
      <div className="text-center">
        <Link to="/" className={buttonClass()}>
          Overview
        </Link>
      </div>
    </div>
  );
}

/** A page that broke while drawing: our own bug, said plainly. */
export function PageError({ error, reset }: ErrorComponentProps) {
  return (
    <div>
      <h1 className="sr-only">This page failed</h1>
      <Failure error={error instanceof Error ? error : new Error(String(error))} retry={reset} />
    </div>
  );
}
