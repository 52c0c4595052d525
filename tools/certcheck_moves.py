"""What certcheck.py and certcheck_more.py take from beside them: moves into a VPC, the old addresses of databases, names, lines with health checks that are up, and
who has no public address. The same rules: nothing is searched, a box that a rule takes only in part is refused, and what is not judged is not accepted.
"""
import functools
import certcheck_more as more
from certcheck import KINDS, RESTS, SECTIONS, SERVERS, Lost, Seat, one, select as named, span, sure, variant, within
SECTIONS |= {"names", "edge_firewalls", "endpoint_services", "vpc_endpoints"}
RESTS["edge-firewall"] = "EFW-1 EFW-3 EFW-4"
KEPT = dict(MySql=24, TdSql=24, MariaDb=24, Redis=0, MongoDb=0)  # MIG-6: hours that an old address answers unless told otherwise
# -- old addresses, names, lines ---------------------------------------------------------------------------------------------------------------
class Net(more.Net):
    def sit(self, kind, id, it):  # MIG-6: a database answers at its old addresses, too: in the classic network past all groups, in a VPC by those that it has.
        super().sit(kind, id, {**it, "old_vips": [], "has_moved": bool(it.get("old_vips"))})
        for old in it.get("old_vips", []):
            address, where = span(old["ip"])[0], variant(old["network"])
            vpc = None if where == "Classic" else where[1]
            homes = [name for name, net in self.all("subnets") if net["vpc"] == vpc and within(one(address), [span(net["cidr"])])]
            of = {"region": self.get("vpcs", self.get("subnets", it["subnet"])["vpc"]).get("region"), **it, "has_moved": True}
            name = "%s[%s]" % (id, old["ip"])
            groups = it.get("security_groups") or None if vpc else None
            self.seats[name] = Seat(kind if vpc else SERVERS[3], name, vpc, homes[0] if homes else None, (address,), groups, None, None, None, of)
    def __init__(self, sections, links, down=()):  # D20-34: while a line with a health check is down, it and the routes over it count as absent.
        self.away, sections = {}, dict(sections)  # {gateway: (its absent lines, the routes over them, whether no line is left)}
        for kind, key in (("vpn_gateways", "connections"), ("direct_connect_gateways", "tunnels")):
            for id, it in list(sections.get(kind, {}).items()):
                off = [line for line in it.get(key, []) if line.get("health_check") and (not line.get("up", True) or {line["id"], id} & set(down))]
                over, left = [], []
                for route in it.get("routes", []): (over if any(line["id"] == route.get("connection") for line in off) else left).append(route)
                here = [{**line, "health_check": False} for line in it.get(key, []) if line not in off]
                sections[kind] = {**sections[kind], id: {**it, key: here, "routes": left}}
                if off: self.away[id] = (off, over, not here)
        super().__init__(sections, links, down)
        for id, it in self.all("vpc_endpoints"):  # PL-2, PL-6, PL-7: an address of its subnet
            vpc, address = self.get("subnets", it["subnet"])["vpc"], span(it["ip"])[0]
            self.seats[id] = self.at[vpc, address] = Seat("vpc_endpoints", id, vpc, it["subnet"], (address,), it.get("security_groups") or None, None, None, None, it)
    def table(self, ccn, name):  # Which routes conflict is not asked anew while a line is absent.
        absent = any(member[1] in self.away for member in self.members(ccn)) and not self.get("ccns", ccn).get("route_overlap")
        return more.unjudged("what conflicts while a line is absent") if absent else super().table(ccn, name)
    @functools.lru_cache(None)
    def routes(self, vpc, name):  # D20-35: of routes to one destination those with the next priority, if nothing is left of where the first lead.
        outer, inner, off = super().routes(vpc, name)
        gone = lambda it: self.away.get(it[1][1] if isinstance(it[1], tuple) else None, (0, 0, False))[2]
        lost = {(it[0], it[2]) for it in outer if gone(it)} - {(it[0], it[2]) for it in outer if not gone(it)}
        kept = {it[0] for it in outer if (it[0], it[2]) not in lost}
        return [it for it in outer if (it[0], it[2]) not in lost or it[0] not in kept], inner, off
class Walk(more.Walk):
    def internet(self, box):  # RT-13, D20-6: who has no public address is asked for at the private one, which leads nowhere.
        if self.frm.kind == "internet" and isinstance(self.to, Seat) and not sure(within(box.destination, self.net.public)):
            self.lose(("no-public-address", self.to.id.split("[")[0]))
        if self.frm.kind != "internet": self.edge("egress", box.source, box)
        if any(sure(within(box.destination, [one(at)])) for at in self.net.owners): self.edge("ingress", box.destination, box)
        super().internet(box)
    def edge(self, side, of, box):  # EFW-1, EFW-2, EFW-4: before and behind the Internet, for the addresses that it is switched on for, all unless told; what nothing matches passes.
        for id, it in self.net.all("edge_firewalls"):
            if it.get("addresses") and not sure(within(of, more.merged(map(span, it["addresses"])))): continue
            rule, accepted = self.net.first("edge_firewalls", [id], side, box)
            if accepted: self.say("edge-firewall-" + side, id, rule=rule)
            elif rule: self.lose(("edge-firewall-%s-denied" % side, id, rule))
    def to_site(self, kind, id, box, vpc=None, table=None):  # D20-34: what only absent lines carry is lost at the gateway.
        try: return super().to_site(kind, id, box, vpc, table)
        except Lost as lost:
            lines, routes, _ = self.net.away.get(id, ([], [], False))
            codes = [code for code, *_ in lost.args[0]]
            led = [to for line in lines for to in line.get("prefixes", [])] + [route["to"] for route in routes if route.get("enabled", True)]
            if codes and set(codes) <= {"no-route", "direct-connect-no-prefix", "vpn-policy-mismatch"}:
                carried = any(sure(within(box.destination, [span(to)])) for to in led) or any(self.accepts(line, box.source, box.destination) for line in lines)
                self.barred(id, (carried, "attachment-down"))
            raise
    def ccn(self, member, id, table, box):  # What an absent line would publish to a CCN is not judged.
        try: return super().ccn(member, id, table, box)
        except Lost as lost:
            if lost.args[0][0][0] in ("ccn-no-route", "ccn-route-disabled") and self.net.away: more.unjudged("what an absent line publishes")
            raise
    def from_site(self, box):
        try: return super().from_site(box)
        except Lost as lost:
            own = any(line["site"] == self.frm.id for lines, *_ in self.net.away.values() for line in lines)
            if own and lost.args[0][0][0] in ("no-route", "ccn-no-route", "ccn-route-disabled", "vpn-policy-mismatch"): more.unjudged("absent lines of a site")
            raise
    def lose(self, *causes):  # An old address is told by the database.
        super().lose(*((code, self.owner(at), *rule) for code, at, *rule in causes))
    def owner(self, at): return at.split("[")[0] if isinstance(at, str) and at in self.net.seats and self.net.seats[at].of.get("has_moved") else at
def hidden(net, seat):  # Whether the Internet means it by a port of a gateway, which is not judged.
    entries = [entry for _, nat in net.all("nat_gateways") if nat["vpc"] == seat.vpc for entry in nat.get("dnat", [])]
    return any(span(entry["to"])[0] in seat.addresses for entry in entries)
def select(net, text, opening):  # MIG-10: a name means one endpoint, and nobody opens by it; MIG-11: a database means all its addresses.
    words = [word.strip() for word in text.split("|")]
    names = net.s.get("names", {})
    meant = [names.get(word, word) for word in words if not (opening and word in names)]
    meant += [id for id, seat in net.seats.items() if id.split("[")[0] in meant and seat.kind in (SERVERS[0], SERVERS[3]) and id not in meant and not opening]
    return named(net, "|".join(meant), opening) if meant else []
def met(net, id):  # MIG-11: the addresses of a database are one choice.
    seat = net.seats.get(id)
    return (id.split("[")[0], "databases") if seat and seat.of.get("has_moved") else (id,)
# -- moves: MIG-1 to MIG-10 ----------------------------------------------------------------------------------------------------------------------
class Stage(more.Stage):
    def free(self, vpc, subnet, moving=()):  # MIG-2: the first address of the subnet that nobody of the VPC has; the first after the router's.
        net = Net(self.s, self.links, self.down)
        taken = {address for seat in net.seats.values() if seat.vpc == vpc and seat.id not in moving for address in seat.addresses}
        low, high = span(self.s["subnets"][subnet]["cidr"])
        return str(more.ipaddress.ip_address(next(address for address in range(low + 2, high) if address not in taken)))
    def move_instances(self, change):  # MIG-2, MIG-3: new addresses at once; a classic CVM is none any more, so its links go.
        ids, ips = change["instances"], change.get("ips")
        for index, id in enumerate(ids):
            ip = ips[index] if ips else self.free(change["vpc"], change["subnet"], ids[index:])
            classic = self.s.get("classic_instances", {}).pop(id, None)
            it = self.s.setdefault("instances", {}).setdefault(id, {})
            if classic: it.update({key: value for key, value in classic.items() if key not in ("public_ip", "region")}, eip=classic.get("public_ip"))
            it.update(subnet=change["subnet"], ip=ip, security_groups=change.get("security_groups", it.get("security_groups", [])))
            self.links = {key: at for key, at in self.links.items() if key[1] != id}
    def move_database(self, change):  # MIG-6: a new address at once, the old one for some hours.
        id, subnet = change["database"], change["subnet"]
        classic = self.s.get("classic_databases", {}).get(id)
        it = dict(classic or self.s["databases"][id])
        network = "Classic" if classic else {"": "Vpc", "_": [self.s["subnets"][it["subnet"]]["vpc"]]}
        hours, ip = change.get("keep_old_hours", KEPT[it["engine"]]), change.get("ip") or self.free(change["vpc"], subnet)
        it["old_vips"] = it.get("old_vips", []) + [{"network": network, "ip": it["ip"], "hours_left": hours}] * (hours > 0)
        it.update(subnet=subnet, ip=ip, security_groups=change.get("security_groups", it.get("security_groups", [])))
        self.s.get("classic_databases", {}).pop(id, None)
        self.s.setdefault("databases", {})[id] = it
    def end(self, hours, ids):  # MIG-8: old addresses end, and endpoint connections to a classic one with it.
        for it in (self.s.get("databases", {})[id] for id in ids):
            it["old_vips"] = [{**old, "hours_left": old["hours_left"] - hours} for old in it.get("old_vips", []) if old["hours_left"] > hours]
    def forget(self):
        gone = [id for id, it in self.s.get("databases", {}).items() if not any(old["network"] == "Classic" for old in it.get("old_vips", []))]
        connections = self.s.get("endpoint_connections", {})
        for id in [id for id, it in connections.items() if it["target"] in gone]: del connections[id]
    def apply(self, change):
        kind = change[""]
        if kind == "ModifyInstancesVpcAttribute": self.move_instances(change)
        elif kind == "ModifyDBInstanceVipVport": self.move_database(change)
        elif kind == "ReleaseOldVip": self.end(10 ** 6, [change["database"]])
        elif kind == "Advance": self.end(change["hours"], list(self.s.get("databases", {})))
        elif kind == "SwitchName": self.s["names"][change["name"]] = change["to"]
        else: return super().apply(change)
        self.forget()
        self.settle()
def stages(scenario, sections, links): return more.stages(scenario, {**sections, "names": scenario.get("names", {})}, links)
more.Net, more.Stage = Net, Stage
KINDS.update(walk=Walk, stages=stages, hidden=hidden, met=met, select=select)
