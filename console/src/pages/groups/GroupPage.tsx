// SPDX-License-Identifier: Apache-2.0
import { getRouteApi } from "@tanstack/react-router";
import * as api from "@/api/queries";
import { useLiveQuery } from "@/live/context";
import { StateBadge } from "@/ui/Badge";
import { Loaded } from "@/ui/Notice";
import { PageHeader } from "@/ui/Panel";
import { GroupView } from "./GroupView";

const route = getRouteApi("/groups/$group");

export function GroupPage() {
  const { group: name } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const group = useLiveQuery(api.group(name), { pollMs: 2000 });
  return (
    <>
      <PageHeader
        title={name}
        mono
        badges={group.data && <StateBadge state={group.data.state} />}
      />
      <Loaded query={group}>
        {(detail) => (
          <GroupView
            detail={detail}
            sort={search.sort}
            onSort={(sort) => void navigate({ search: { sort }, replace: true })}
          />
        )}
      </Loaded>
    </>
  );
}
