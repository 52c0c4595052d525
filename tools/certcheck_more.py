"""What certcheck.py takes from beside it: CCN, NAT gateways and public addresses, load balancers, endpoint connections, steps and what-ifs.
The same rules: nothing is searched, a box that a rule takes only in part is refused, and what is not judged is not accepted.
"""
import functools, ipaddress, json
from certcheck import (KINDS, MACHINES, OPENERS, PORTS, SERVERS, Box, End, Net as Core, Refused, Seat, Unjudged, Walk as Ways, bad, common, flat, joined,
                       every, merged, one, reply, served, service, span, sure, variant, within)
GATEWAYS = {"VpnGateway": "vpn_gateways", "DirectConnectGateway": "direct_connect_gateways"}
def unjudged(*words): bad("not judged:", *words, kind=Unjudged)
# -- CCN -----------------------------------------------------------------------------------------------------------------------------------
class Net(Core):
    def members(self, ccn):
        late = [(name, id) for name, kind in GATEWAYS.items() for id, it in self.all(kind) if variant(it["attached_to"]) == ("Ccn", ccn)]
        return list(dict.fromkeys([*map(variant, self.get("ccns", ccn).get("attachments", [])), *late]))
    def ccns(self, vpc): return [id for id, _ in self.all("ccns") if ("Vpc", vpc) in self.members(id)]
    def subnets(self, vpc): return [span(cidr) for _, it in self.all("subnets") if it["vpc"] == vpc for cidr in (it["cidr"], it.get("ipv6_cidr")) if cidr]
    def lines(self, kind, id):  # The lines of a gateway; what is absent while it is down is not judged.
        it = self.get(GATEWAYS[kind], id)
        found = it.get("connections", it.get("tunnels", []))
        return found if not any(line.get("health_check") for line in found) else unjudged("such a gateway")
    def published(self, vpc): return unjudged("a published route") if any(r.get("publish") for _, t in self.all("route_tables") for r in t.get("routes", [])) else {}
    def publishes(self, kind, id):  # CCN-3, D20-5: a VPC its subnets or CIDRs and the routes that it publishes, a gateway the prefixes behind it.
        whole = kind == "Vpc" and self.get("vpcs", id).get("publish_to_ccn") == "Cidrs"
        if kind == "Vpc": return (lambda own: {**own, **{to: how for to, how in self.published(id).items() if to not in own}})(dict.fromkeys(map(span, self.lists[id]) if whole else self.subnets(id), False))
        gateway, lines = self.get(GATEWAYS[kind], id), self.lines(kind, id)
        found = [to for line in lines for to in (*line.get("prefixes", []), *(to for it in line.get("policies", []) for to in it["remote"]))]
        return dict.fromkeys(map(span, found + [it["to"] for it in gateway.get("routes", []) if it.get("enabled", True)]), False)
    @functools.lru_cache(None)
    def table(self, ccn, name):  # CCN-4, CCN-8, D20-24, D20-34, D20-38: a CCN's table as [range, member, enabled, "hand" or "route" or "all" if no own range]; None: the default table.
        it, found = self.get("ccns", ccn), []
        policies = it["route_tables"][name].get("accept", []) if name else [{}]
        takes = lambda p, to, of: (not p.get("from") or variant(p["from"]) == of) and (not p.get("cidr") or within(to, [span(p["cidr"])]))
        twins = lambda r, to, of: r[0] == to and r[1][0] == of[0] == "DirectConnectGateway"
        for member, to, how in ((member, *it) for member in self.members(ccn) for it in self.publishes(*member).items()):
            rivals = [r for r in found if r[2] and "all" not in (how, r[3]) and (within(to, [r[0]]) or within(r[0], [to]))]
            beside = [r for r in rivals if it.get("route_overlap") and "Vpc" not in (r[1][0], member[0]) or twins(r, to, member)]
            action = next((p.get("action", "Accept") for p in policies if takes(p, to, member)), "Drop")
            if action == "Accept": found.append([to, member, beside == rivals, how])
        for stated in it.get("routes", []):
            key = [span(stated["to"]), variant(stated["next"])]
            if not name and key not in [r[:2] for r in found]: found.append([*key, True, "hand"])
            for r in found: r[2] = stated.get("enabled", True) if r[:2] == key else r[2]
        return found
    def bound(self, ccn, member, source=None):  # CCN-6: the table of the first selection policy that names the member and takes the source, else the one it is bound to.
        it = self.get("ccns", ccn)
        for policy in it.get("selection", []) if source else []:
            if variant(policy["attachment"]) == member and sure(within(source, [span(policy["source"])])): return policy["route_table"]
        return next((id for id, of in it.get("route_tables", {}).items() if member in map(variant, of.get("attachments", []))), None)
    @functools.lru_cache(None)
    def routes(self, vpc, name):  # RT-17, D20-4, D20-32, D20-33: written routes and those that CCNs bring; those that win inside the VPC; (range, CCN) of those that are off.
        entries = (self.get("route_tables", name) or {}).get("routes", [])
        written = [(span(it["to"]), variant(it["via"]), it.get("enabled", True), it.get("priority", 0), i) for i, it in enumerate(entries)]
        brought = [(ccn, r) for ccn in self.ccns(vpc) for r in self.table(ccn, self.bound(ccn, ("Vpc", vpc))) if r[1] != ("Vpc", vpc)]
        copies, off = {(r[0], ("Ccn", ccn)): r for ccn, r in reversed(brought) if r[2]}, [(r[0], ccn) for ccn, r in brought if not r[2]]
        users = [it for it in written if it[:2] not in copies and it[2]]
        outer, inner = [[it[0], it[1], it[3], it[4]] for it in users], []
        for (to, via), (_, member, _, how) in copies.items():
            rivals = [it for it in users if (it[0] == to if how == "all" else it[0] not in (span("0.0.0.0/0"), span("::/0")) and within(to, [it[0]]) is not False)]
            on, priority, index = ([it[2:] for it in written if it[:2] == (to, via)] or [(not rivals, 0, None)])[-1]
            is_inner = member[0] == "Vpc" and not how and within(to, self.cidrs[vpc]) is True
            if on and not (is_inner and within(to, merged(self.subnets(vpc))) is not False): (inner if is_inner else outer).append([to, via, priority, index])
            else: off.append((to, via[1]))
        return outer, inner, off
# -- gateways and balancers ------------------------------------------------------------------------------------------------------------------
class Walk(Ways):
    by_ccn = None  # the CCN that brought a box to a published NAT gateway
    def __init__(self, *given): super().__init__(*given); self.saw = []
    def beyond(self, kind, *how):  # Whatever is no peering: (kind, box, the seat that sends, the next hop, the table, its elastic IP).
        if kind == "internet": return self.internet(*how)
        if kind == "sites": return self.from_site(*how)
        box, seat, id, table, eip = how if len(how) == 5 else unjudged(kind)
        public = sure(within(box.destination, self.net.public))
        if kind == "NatGateway": return "internet", seat, box, self.nat(seat.vpc, id, table, public, box)
        if kind == "Ccn": return self.ccn(("Vpc", seat.vpc), id, table, box)
        if kind in GATEWAYS: return self.to_site(kind, id, box, seat.vpc, table)
        if kind != "Eip": unjudged(kind)
        self.barred(table, (not public, "private-destination-to-internet"), (not eip, "no-public-address"))
        return "internet", seat, box, box._replace(source=one(eip[1]))
    def gone(self, kind, id, vpc):  # RT-16
        it, there = self.net.get(GATEWAYS.get(kind, "nat_gateways"), id) or {}, ("Vpc", vpc) in self.net.members(id) if kind == "Ccn" else kind not in GATEWAYS
        return it.get("vpc") != vpc if kind == "NatGateway" else not (there or it and variant(it["attached_to"]) == ("Vpc", vpc)) or super().gone(kind, id, vpc)
    def ccn(self, member, id, table, box):  # CCN-6, CCN-9.
        net = self.net
        self.barred(id, (member[1] in net.down, "attachment-down"))
        name = net.bound(id, member, box.source)
        met = [it for it in net.table(id, name) if sure(within(box.destination, [it[0]]))]
        best = sorted((it for it in met if it[2]), key=lambda it: it[0][1] - it[0][0])
        self.barred(name or id, (not best and met, "ccn-route-disabled"), (not met, "ccn-no-route"))
        to, (kind, other), _, how = self.choose([it for it in best if it[0] == best[0][0]])
        self.barred(id, (other in net.down, "attachment-down"))
        self.say("ccn", id)
        if kind != "Vpc": return self.to_site(kind, other, box)
        return (other, None, "ccn", box) if self.covers(other, box.destination) else self.further(id, other, to, how, box)
    def further(self, ccn, vpc, to, how, box): unjudged("what is beyond", vpc)
    def accepts(self, line, cloud, site):  # VPN-3: a policy for the pair.
        answers = [every(within(cloud, [span(it["local"])]), within(site, merged(map(span, it["remote"])))) for it in line.get("policies", [])]
        return True in answers or any(map(sure, answers))
    def to_site(self, kind, id, box, vpc=None, table=None):  # VPN-2, VPN-3, VPN-5, VPN-8, DC-2, DC-4, D20-20: by the one line that takes the pair.
        it = self.net.get(GATEWAYS[kind], id)
        lines, foreign = self.net.lines(kind, id), vpc and not self.covers(vpc, box.source)
        self.barred(id, (id in self.net.down, "attachment-down"), (foreign, "gateway-no-transit"))
        box = self.outward(kind, id, box)
        found = [line for line in lines if self.accepts(line, box.source, box.destination)][:1]
        entries = [(r["to"], r.get("priority", 0), r["connection"]) for r in it.get("routes", []) if r.get("enabled", True)]
        entries += [(to, 0, line["id"]) for line in lines for to in line.get("prefixes", [])]
        met = sorted((span(to)[1] - span(to)[0], priority, line) for to, priority, line in entries if sure(within(box.destination, [span(to)])))
        best = [line for line in lines if any((each[:2], line["id"]) == (met[0][:2], each[2]) for each in met) and not line.get("policies")]
        code = "direct-connect-no-prefix" if kind[0] == "D" else "vpn-policy-mismatch" if any(line.get("policies") for line in lines) else "no-route"
        self.barred(id, (not found and not best, code))
        return "site", (kind, id), self.choose(found or best), box
    def outward(self, kind, id, box): return box if self.net.get(GATEWAYS[kind], id).get("kind", "Normal") == "Normal" else unjudged("what translates")
    def inward(self, kind, id, box): return self.outward(kind, id, box), None, []  # the box inside, why it is lost, what is rewritten
    def answer(self, kind, id, box):  # Out of a gateway into what it is attached to (VPN-8, VPN-9, DC-4, DC-8).
        what, where = variant(self.net.get(GATEWAYS[kind], id)["attached_to"])
        if what == "Ccn": return self.ccn((kind, id), where, None, box)
        return (where, None, "gateway", box) if self.covers(where, box.destination) else self.lose(("no-route", id))
    def from_site(self, box):  # D20-12, VPN-8, DC-4: by any line of the site that carries the box; if none does, each says why.
        public, found = sure(within(box.destination, self.net.public)), []
        if public or self.to.kind in ("internet", "nat") or self.to.id == self.frm.id: unjudged("a site's own line")  # D20-18
        for kind, id, line in ((kind, id, line) for kind in GATEWAYS for id, _ in self.net.all(GATEWAYS[kind]) for line in self.net.lines(kind, id)):
            if line["site"] != self.frm.id: continue
            (what, where), (into, why, after) = variant(self.net.get(GATEWAYS[kind], id)["attached_to"]), self.inward(kind, id, box)
            routes = [r for r in self.net.table(where, self.net.bound(where, (kind, id), into.source)) if sure(within(into.destination, [r[0]]))] if what == "Ccn" else []
            leads = any(r[2] for r in routes) if what == "Ccn" else self.covers(where, into.destination)
            why = why or ("vpn-policy-mismatch" if line.get("policies") and not self.accepts(line, into.destination, into.source) else None if leads else
                          "ccn-route-disabled" if routes else "ccn-no-route" if what == "Ccn" else "no-route")
            found.append((kind, id, line, why, into, after, what, where))
        self.barred(self.frm.id, (not found, "no-route"))
        kind, id, line, why, into, after, what, where = self.choose([each for each in found if not each[3]] or found)
        self.barred(where if why and why[:3] == "ccn" else id, (why, why))
        self.up(line, id) or self.lose(("attachment-down", line["id"]), *[("attachment-down", where)] * (what == "Ccn" and id in self.net.down))
        self.enter(kind, id, after)
        self.receive(*self.answer(kind, id, into))
    def enter(self, kind, id, after): return None
    def up(self, line, id): return line.get("up", True) and not {line["id"], id} & self.net.down
    def nat(self, vpc, id, table, public, box):  # NAT-1, NAT-2, NAT-7, NAT-8: it lends one of its addresses.
        it, net = self.net.get("nat_gateways", id), self.net
        seats = lambda by: [one(a) for a in net.seats[by].addresses] if by in net.seats else [span(by)]
        names = lambda by: [span(net.get("subnets", by)["cidr"])] if net.get("subnets", by) else seats(by)
        rule = next((rule for rule in it.get("snat", []) if sure(within(box.source, names(rule["from"])))), None)
        pool, foreign = rule["eips"] if rule else it.get("eips", []), not (self.by_ccn or self.covers(vpc, box.source))
        self.barred(id, (not public, "private-destination-to-internet"), (id in net.down, "attachment-down"), (foreign, "gateway-no-transit"),
                    (box.protocol not in (*PORTS, "icmp"), "nat-protocol-unsupported"), (it.get("strict_snat") and not rule, "nat-source-not-covered"),
                    (not pool, "nat-no-address"))
        eip = self.choose(pool)
        self.say("nat-gateway", id, after={"source": eip})
        return box._replace(source=span(eip))
    def internet(self, box):  # Between public addresses: whoever owns the destination takes the box (NAT-3, NAT-8, NAT-9, CLB-1).
        owner = next((it for at, it in self.net.owners.items() if sure(within(box.destination, [one(at)]))), None)
        if self.to.kind == "sites": unjudged("a site's own line")  # D20-18
        if isinstance(owner, Seat):
            private = owner.eip[0] if owner.subnet or owner.kind == "classic_instances" else box.destination[0]
            return self.receive(owner.vpc, None, "eip", box._replace(destination=one(private)), owner)
        self.barred(None, (not owner and self.frm.kind == "internet", "no-public-address"), (not owner and self.to.kind != "internet", "no-route"))
        if not owner: return
        self.barred(owner, (owner in self.net.down, "attachment-down"))
        if box.protocol == "icmp" and self.to.kind == "nat": return
        nat = self.net.get("nat_gateways", owner)
        takes = lambda it: box.protocol in PORTS and span(it["eip"]) == box.destination and sure(served(service(it["service"]), box))
        entry = next((it for it in nat.get("dnat", []) if takes(it)), None)
        self.barred(owner, (not entry, "nat-no-dnat-entry"))
        self.receive(nat["vpc"], None, "dnat", self.sent_on("nat-gateway", owner, span(entry["to"])[0], entry["port"], box))
    def sent_on(self, stage, at, to, port, box):
        self.say(stage, at, after={"destination": str(ipaddress.ip_address(to)), "destination_port": str(port)})
        return box._replace(destination=one(to), destination_port=one(port))
    def receive(self, vpc, from_subnet, by, box, seat=None):
        if vpc == "site":  # `from_subnet` is the gateway, `by` its line
            self.barred(by["id"], (not self.up(by, from_subnet[1]), "attachment-down"))
            hosts = sure(within(box.destination, merged(map(span, self.net.get("sites", by["site"])["cidrs"]))))
            if not hosts and sure(within(box.destination, self.net.public)): unjudged("a site's own line")  # D20-18
            self.barred(from_subnet[1], (not hosts or by["site"] != self.to.id, "no-route"))
            self.now = "back"
            return self.home(*self.answer(*from_subnet, reply(box)), None)
        if vpc != "internet": return super().receive(vpc, from_subnet, by, box, seat)
        self.internet(box)  # `from_subnet` is the sender, `by` the box inside its device, which remembers it (NAT-5, NAT-11)
        self.now = "back"
        self.acl("ingress", from_subnet.subnet, None, reply(by))
    def home(self, vpc, from_subnet, by, box, seat):
        if vpc != "site": return super().home(vpc, from_subnet, by, box, seat)
        self.barred(by["id"], (not self.up(by, from_subnet[1]), "attachment-down"))
        self.barred(from_subnet[1], (by["site"] != self.frm.id or box != reply(self.box), "no-route"))
    def let_in(self, seat, by, box):  # CLB-9.
        if not (seat.kind == "load_balancers" and by == "eip" and seat.subnet and not seat.of.get("pass_to_target")): super().let_in(seat, by, box)
    def serve(self, seat, it, from_subnet, by, box):
        if it.kind == "endpoint_connections":  # EP-1, EP-6
            transit = by != "local" and not self.net.s.get("platform", {}).get("endpoint_connection_transit")
            self.barred(seat.id, (transit, "endpoint-connection-no-transit"))
            return self.serve(seat, self.net.seats[it.of["target"]], from_subnet, by, box)
        if not it.kind.endswith("load_balancers"): return super().serve(seat, it, from_subnet, by, box)
        # CLB-1..6, CLB-13, CLB-15, CLB-16, D20-9, D20-10: a listener hands the box to one of its usable targets
        if box.protocol in ("icmp", "icmpv6"): return self.barred(seat.id, (seat != it or it.subnet and by != "local", "port-not-served"))
        listener = next((each for each in it.of.get("listeners", []) if sure(served(service(each["service"]), box))), None)
        self.barred(seat.id, (not listener, "port-not-served"))
        usable = [(self.net.seats[each["instance"]], each["port"]) for each in listener.get("targets", []) if each.get("weight", 10)]
        usable = [each for each in usable if each[0].up]
        self.barred(it.id, (not usable and "redirects_to" not in listener, "no-target"))
        if seat != it or "redirects_to" in listener: return None  # CLB-18
        target, port = self.choose(usable); self.saw.append(target.machine)
        own = isinstance(self.frm, Seat) and self.frm.machine == target.machine and box.source == self.box.source
        self.barred(it.id, (own, "load-balancer-loop"))
        box = self.sent_on("load-balancer", it.id, target.addresses[0], port, box)
        self.acl("ingress", target.subnet, from_subnet, box)
        if not it.of.get("pass_to_target"): self.groups("ingress", target, box)
        return target.subnet, from_subnet, reply(box)
# -- steps and what-ifs: section 6 of the format ------------------------------------------------------------------------------------------------
class Stage:  # A network that changes. What the file marks as refused is taken to be refused and changes nothing.
    def __init__(self, s, links, down=()):
        self.s, self.links, self.down = json.loads(json.dumps(s)), dict(links), set(down)
        self.settle()
    def settle(self):  # A DNAT entry that names a machine means the address that it has now.
        for entry in (entry for nat in self.s.get("nat_gateways", {}).values() for entry in nat.get("dnat", [])):
            entry["to"] = next((self.s[kind][entry["to"]]["ip"] for kind in MACHINES if entry["to"] in self.s.get(kind, {})), entry["to"])
    def sections(self): return [it for name, it in self.s.items() if isinstance(it, dict) and name != "platform"]
    def find(self, id): return next((it[id] for it in self.sections() if id in it), None)
    def parts(self, *kinds): return [it for kind in kinds for it in self.s.get(kind, {}).values()]
    def attach(self, vpc, ids):
        self.links = {key: it for key, it in self.links.items() if key[1] not in ids}
        self.links.update(((vpc, id), (span(self.s["classic_instances"][id]["ip"])[0], True)) for id in ids)
    def detach(self, vpc, ids): self.links = {key: it for key, it in self.links.items() if key[0] != vpc or key[1] not in ids}
    def move(self, id, ip):  # CL-18: a link keeps its address and dies for good when the machine gets another.
        self.links = {key: (at, live and (key[1] != id or at == span(ip)[0])) for key, (at, live) in self.links.items()}
    def drop(self, ids):
        for it in self.sections() + [ccn.get("route_tables", {}) for ccn in self.parts("ccns")]: [it.pop(id, None) for id in ids]
        for it, name in [(it, "connections") for it in self.parts("vpn_gateways")] + [(it, "tunnels") for it in self.parts("direct_connect_gateways")]:
            it[name] = [each for each in it.get(name, []) if each["id"] not in ids]
        self.links, self.down = {key: it for key, it in self.links.items() if not set(key) & set(ids)}, self.down - set(ids)
    def put(self, change):  # Create, Replace.
        sections, links = flat(change)
        for id, new in sections.get("classic_instances", {}).items(): self.move(id, new["ip"])
        self.s = joined(self.s, sections)
        self.settle()
        for vpc, ids in links.items():
            kept = [key[1] for key, (_, live) in self.links.items() if change[""] == "Replace" and key[0] == vpc and live and key[1] in ids]
            if change[""] == "Replace": self.links = {key: it for key, it in self.links.items() if key[0] != vpc or key[1] in kept}
            self.attach(vpc, [id for id in ids if id not in kept])
    def terminate(self, ids):
        gone = ids + [id for id, it in self.s.get("network_interfaces", {}).items() if it["instance"] in ids]
        for it in self.parts("havips"): it["bound_to"] = None if it.get("bound_to") in gone else it.get("bound_to")
        for listener in (each for it in self.parts("load_balancers", "classic_load_balancers") for each in it.get("listeners", [])):
            listener["targets"] = [target for target in listener.get("targets", []) if target["instance"] not in gone]
        for it in self.parts("nat_gateways"): it["snat"] = [rule for rule in it.get("snat", []) if rule["from"] not in gone]
        self.drop(gone)
    def turn(self, id, up):
        lines = [line for it in self.parts(*GATEWAYS.values()) for line in it.get("connections", it.get("tunnels", [])) if line["id"] == id]
        it = self.find(id) or (lines[0] if lines else bad("nothing is called", id))
        if lines: it["up"] = up
        else: (self.down.discard if up else self.down.add)(id)
        if up and it.get("state") == "Stopped": it["state"] = "Running"
    def listed(self, it, change):  # Rules of a group or an ACL: created, deleted by position, or all anew.
        for side in (side for side in ("ingress", "egress") if change.get(side) is not None):
            rules, new, at = it.get(side, []), change[side], change.get("at", 0)
            created, left = rules[:at] + new + rules[at:], [rule for index, rule in enumerate(rules) if index not in new]
            it[side] = {"C": created, "D": left, "M": new}[change[""][0]]
    def routed(self, it, change, kind):
        if kind == "CreateRoutes": it["routes"] = it.get("routes", []) + change["routes"]
        else:
            names = [(span(name), None) if isinstance(name, str) else (span(name["to"]), name.get("via")) for name in change["to"]]
            met = [route for route in it.get("routes", []) if any(span(route["to"]) == to and via in (None, route["via"]) for to, via in names)]
            if len(met) < len(names) or len({variant(route["via"])[0] == "Ccn" for route in met}) > 1: unjudged("a route that a CCN brings")
            if kind == "DeleteRoutes": it["routes"] = [route for route in it["routes"] if route not in met]
            for route in met: route["enabled"] = kind == "EnableRoutes"
    def targeted(self, it, change, kind):
        listener = next(each for each in it["listeners"] if service(each["service"]) == service(change["service"]))
        named = [(target["instance"], target["port"]) for target in change["targets"]]
        left = [target for target in listener.get("targets", []) if (target["instance"], target["port"]) not in named]
        listener["targets"] = left + change["targets"] * (kind == "RegisterTargets")
    def apply(self, change):
        kind, ids = change[""], change.get("_", [None])[0]
        keys = [key for key in ("instance", "security_group", "network_acl", "route_table", "load_balancer") if key in change]
        it = self.find(change[keys[0]]) if keys and kind not in ("Create", "Replace") else None
        if kind in ("Create", "Replace"): self.put(change)
        elif kind == "Delete": self.drop(ids)
        elif kind == "TerminateInstances": self.terminate(ids)
        elif kind in ("Down", "Up"): self.turn(ids, kind == "Up")
        elif kind == "IsolateInstance": it["state"] = "IsolatedStopped" if "Stopped" in it.get("state", "") else "Isolated"
        elif kind == "RecoverInstance": it["state"] = "Stopped" if "Stopped" in it.get("state", "") else "Running"
        elif kind == "AttachClassicLinkVpc": self.attach(change["vpc"], change["instances"])
        elif kind == "DetachClassicLinkVpc": self.detach(change["vpc"], change["instances"])
        elif kind == "ModifyPrivateIpAddress": it["ip"] = self.move(change["instance"], change["ip"]) or change["ip"]
        elif kind in ("CreateSecurityGroupPolicies", "DeleteSecurityGroupPolicies", "ModifySecurityGroupPolicies", "ModifyNetworkAclEntries"): self.listed(it, change)
        elif kind == "AssociateSecurityGroups": it["security_groups"] = change["security_groups"]
        elif kind == "AssociateNetworkAclSubnets": [self.find(id).update(network_acl=change["network_acl"]) for id in change["subnets"]]
        elif kind == "DisassociateNetworkAclSubnets": [self.find(id).pop("network_acl", None) for id in change["subnets"]]
        elif kind == "ReplaceRouteTableAssociation": self.find(change["subnet"])["route_table"] = change["route_table"]
        elif kind in ("CreateRoutes", "DeleteRoutes", "EnableRoutes", "DisableRoutes"): self.routed(it, change, kind)
        elif kind in ("RegisterTargets", "DeregisterTargets"): self.targeted(it, change, kind)
        elif kind not in ("MigrateInstance", "ResizeInstance", "ResetInstance"): unjudged("the change", kind)
def stages(scenario, sections, links):  # The base, the steps one after the other, the what-ifs each from the base.
    base = now = Stage(sections, {})
    for vpc, ids in links.items(): base.attach(vpc, ids)
    lazily = lambda stage: functools.lru_cache(None)(lambda: unjudged(stage) if isinstance(stage, Exception) else Net(stage.s, stage.links, stage.down))
    yield "base", None, [], lazily(base), scenario.get("expect", [])
    for kind, it in [("step", it) for it in scenario.get("steps", [])] + [("what_if", it) for it in scenario.get("what_if", [])]:
        then = now if kind == "step" else base
        then = then if isinstance(then, Exception) else Stage(then.s, then.links, then.down)
        changes = [(change[""] == "Refused", change.get("change", change)) for change in it.get("changes", [])]
        try: [then.apply(change) for refused, change in changes if not refused and isinstance(then, Stage)]
        except (Refused, Unjudged) as error: then = error
        now = then if kind == "step" else now
        yield kind, it["name"], [{"action": change[""], "outcome": "refused" if refused else "applied"} for refused, change in changes], lazily(then), it.get("expect", [])
KINDS.update(walk=Walk, stages=stages)
