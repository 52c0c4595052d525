"""What certcheck.py takes from beside it last: PrivateLink, machines that forward, public gateways, Direct Connect gateways that translate, routes that a VPC
publishes to a CCN, addresses. The same rules: nothing is searched, a box that a rule takes only in part is refused, and what is not judged is not accepted.
"""
import functools, ipaddress
import certcheck_more as more
import certcheck_moves as moves
from certcheck import KINDS, PORTS, RESTS, End, Lost, Seat, common, merged, one, reply, served, service, span, sure, variant, within, without
RESTS.update({"forwarder": "RT-16 D20-11 D20-36 D20-40", "public-gateway": "RT-16 D20-11 D20-22", "vpc-endpoint": "PL-3 PL-4 PL-6 PL-7 PL-8",
              "direct-connect-gateway": "DC-7 D20-42", "direct-connect-nat": "DC-7 D20-42", "direct-connect-secondary": "DC-7"})
HOPS = ("Instance", "HaVip", "PublicGateway")
BEHIND = span("11.163.0.0/16")  # PL-4: where who comes by an endpoint seems to come from
ANYWHERE = span("0.0.0.0/0")
def text(address): return str(ipaddress.ip_address(address))


class Net(moves.Net):
    def account(self, vpc): return self.get("vpcs", vpc).get("account", "default")  # D20-16

    def mapped(self, id):  # DC-6: [(mapped address, services or None for all, address inside, port or None)], port maps first (D20-42).
        nat = self.get("direct_connect_gateways", id).get("kind", "Normal")
        if nat == "Normal": return None
        host = lambda name: next((span(self.get(kind, name)["ip"])[0] for kind in more.MACHINES if self.get(kind, name)), None) or span(name)[0]
        ports = [(span(it["address"])[0], service(it["service"]), host(it["to"]), it["port"]) for it in nat.get("dnat", [])]
        return ports + [(span(outside)[0], None, host(inside), None) for inside, outside in nat.get("local_ips", [])]

    @functools.lru_cache(None)
    def maps(self):  # [(gateway, mapped address, ...)] of all gateways that translate.
        return [(id, *entry) for id, _ in self.all("direct_connect_gateways") for entry in self.mapped(id) or []]

    def takers(self, vpc, to):  # D20-37, D20-38, RT-9: the published routes to a destination, of the first table that has one those of the highest priority.
        for name, table in self.all("route_tables"):
            found = [(variant(it["via"]), name, index, it.get("priority", 0)) for index, it in enumerate(table.get("routes", []))
                     if table["vpc"] == vpc and span(it["to"]) == to and self.is_published(it)]
            if found: return [it for it in found if it[3] == min(other[3] for other in found)]
        return []

    def is_published(self, route):
        kind, *id = variant(route["via"]) if not isinstance(route["via"], str) else (route["via"],)
        nat = kind == "NatGateway" and (self.get("nat_gateways", id[0]) or {"kind": "Standard"}).get("kind") == "Standard"
        return route.get("publish") and route.get("enabled", True) and (nat or kind in ("Instance", "HaVip") and span(route["to"]) != ANYWHERE)

    def published(self, vpc):  # D20-37, D20-38: {range: "route", or "all" for everything}
        routes = [it for _, table in self.all("route_tables") if table["vpc"] == vpc for it in table.get("routes", []) if self.is_published(it)]
        return {span(it["to"]): "all" if span(it["to"]) == ANYWHERE else "route" for it in routes}


class Walk(moves.Walk):
    def __init__(self, *given):
        super().__init__(*given)
        self.forwarders, self.taken = {"there": [], "back": []}, []  # machines that have forwarded; (device, box before it) of what replies find by route

    def run(self):  # PL-3.
        self.barred(self.frm.id, (self.frm.kind == "vpc_endpoints", "vpc-endpoint-one-way"))
        return super().run()

    # -- machines that forward: RT-16, D20-11, D20-36, D20-40, NAT-12, D20-22
    def beyond(self, kind, *how):
        if kind not in HOPS: return super().beyond(kind, *how)
        box, seat, id, table, _ = how
        return self.forward(kind, box, seat, seat.vpc, id, table)

    def gone(self, kind, id, vpc):  # RT-16: nobody, of another VPC, an unbound HAVIP, no public gateway
        hop = self.net.seats.get(id)
        if kind not in HOPS: return super().gone(kind, id, vpc)
        return not hop or hop.vpc != vpc or not hop.machine or kind == "PublicGateway" and not hop.of.get("public_gateway")

    def forward(self, kind, box, sender, vpc, id, table):  # `sender` is None for what a CCN brings
        net, hop = self.net, self.net.seats.get(id)
        self.barred(table, (self.gone(kind, id, vpc), "route-blackhole"))
        if hop.kind not in ("instances", "havips"): more.unjudged("who forwards:", id)
        passed, subnet, public = self.forwarders[self.now], sender and sender.subnet, sure(within(box.destination, net.public))
        own = kind == "PublicGateway" and (subnet == hop.subnet or sure(within(box.source, [span(net.get("subnets", hop.subnet)["cidr"])])))
        self.barred(id, (hop.machine in passed or sender and sender.machine == hop.machine, "route-loop"), (kind == "PublicGateway" and not public, "private-destination-to-internet"),
                    (own, "public-gateway-same-subnet"), (not hop.up, "endpoint-down"))
        passed.append(hop.machine)
        self.acl("ingress", hop.subnet, subnet, box)
        saw = [self.frm.machine if isinstance(self.frm, Seat) else None, self.to.machine if isinstance(self.to, Seat) else None, *self.saw, *self.forwarders["there"]]
        for side in ("ingress", "egress"):
            if self.now == "there" or hop.machine not in saw: self.filter("security_groups", side, id, hop.groups, box)
        if kind == "PublicGateway": return self.lend(hop, box)
        if hop.of.get("masquerades") and self.now == "there":
            self.taken.append((id, box))
            own = text(hop.addresses[0])
            self.say("forwarder", id, **({} if box.source == span(own) else {"after": {"source": own}}))
            return self.send_on(hop, box._replace(source=span(own)))
        self.say("forwarder", id)
        return self.send_on(hop, box)

    def send_on(self, hop, box):  # Its own table decides; the Internet cannot answer a private source that it does not translate (D20-36).
        own = box.source == one(hop.addresses[0])
        try: self.net.lookup(hop.vpc, hop.subnet, box.destination, own and hop.eip, None)
        except Lost as lost:
            if lost.args[0][0][0] != "no-public-address": raise
            raise lost if own else Lost((("forwarder-does-not-translate", hop.id),))
        return self.carry(hop, box)

    def lend(self, hop, box):  # NAT-12: a public gateway lends its own address, unless its table leads elsewhere.
        at = len(self.steps[self.now])
        self.say("public-gateway", hop.id)
        try: self.net.lookup(hop.vpc, hop.subnet, box.destination, hop.eip, None)
        except Lost as lost: raise Lost((("no-public-address", hop.id),)) if lost.args[0][0][0] == "no-public-address" else lost
        found = self.carry(hop._replace(eip=hop.eip and (box.source[0], hop.eip[1])), box)
        if found[0] == "internet" and hop.eip and found[3].source == one(hop.eip[1]):
            self.steps[self.now][at]["after"] = {"source": text(hop.eip[1])}
            return "lent", hop, *found[2:]
        return found

    # -- what a CCN brings for a published route: CCN-9, D20-37, D20-38
    def further(self, ccn, vpc, to, how, box):
        if how not in ("route", "all"): return super().further(ccn, vpc, to, how, box)
        (kind, id), table, index, _ = self.choose(self.net.takers(vpc, to))
        self.say("route", table, index=index)
        if kind != "NatGateway": return self.forward(kind, box, None, vpc, id, table)
        self.barred(table, (self.gone(kind, id, vpc), "route-blackhole"))
        self.by_ccn = (ccn, vpc)
        return "internet", None, box, self.nat(vpc, id, table, sure(within(box.destination, self.net.public)), box)

    # -- home again
    def receive(self, vpc, from_subnet, by, box, seat=None):
        if vpc not in ("internet", "lent"): return super().receive(vpc, from_subnet, by, box, seat)
        self.internet(box)  # `from_subnet` is who sent it to the device, `by` the box inside
        self.now, inside = "back", reply(by)
        if self.by_ccn: return self.home(*self.ccn(("Vpc", self.by_ccn[1]), self.by_ccn[0], None, inside), None)
        if vpc == "lent":  # the gateway's own table leads to the client
            self.acl("ingress", from_subnet.subnet, None, inside)
            return self.home(*self.carry(from_subnet, inside), from_subnet)
        self.home(from_subnet.vpc, None, "device", inside, from_subnet) if from_subnet.vpc else None

    def home(self, vpc, from_subnet, by, box, seat):  # D20-36: a reply to an address that a forwarder lent is translated back where it comes to the forwarder.
        hop = self.net.seats.get(self.taken[-1][0]) if self.taken else None
        if not hop or vpc != hop.vpc or box.destination != one(hop.addresses[0]): return super().home(vpc, from_subnet, by, box, seat)
        id, before = self.taken.pop()
        self.acl("ingress", hop.subnet, from_subnet, box)
        self.forwarders["back"].append(hop.machine)
        self.say("forwarder", id)
        self.home(*self.carry(hop, reply(before)), hop)

    # -- Direct Connect gateways that translate: DC-3, DC-6, DC-7, D20-42
    def secondary_of(self, id, part):
        what, where = variant(self.net.get("direct_connect_gateways", id)["attached_to"])
        return what == "Vpc" and self.secondary(where, part)

    def outward(self, kind, id, box):
        maps = self.net.mapped(id) if kind[0] == "D" else None
        if maps is None: return box
        if self.taken and self.taken[-1][0] == id: return reply(self.taken.pop()[1])  # it remembers the connection
        if self.now == "back": more.unjudged("a reply that a gateway translates anew")
        self.barred(id, (self.secondary_of(id, box.source), "direct-connect-secondary-cidr"))
        nat = self.net.get("direct_connect_gateways", id)["kind"]
        own = next((own for own, seen in nat.get("peer_ips", []) if sure(within(box.destination, [span(seen)]))), None)
        if own: self.say("direct-connect-gateway", id, after={"destination": own})
        pool = [text(outside) for outside, to, inside, _ in maps if to is None and sure(within(box.source, [one(inside)]))][:1]
        pool = pool or next((it["pool"] for it in nat.get("snat", []) if sure(within(box.source, [span(it["from"])])) and it["pool"]), None)
        self.barred(id, (not pool, "direct-connect-nat-no-mapping"))
        source = self.choose(pool)
        self.say("direct-connect-gateway", id, after={"source": source})
        self.taken.append((id, box))
        return box._replace(source=span(source), destination=span(own) if own else box.destination)

    def answer(self, kind, id, box):  # A site's reply to a mapped address.
        known = self.now == "back" and self.taken and self.taken[-1][0] == id
        return super().answer(kind, id, reply(self.taken.pop()[1]) if known else box)

    def inward(self, kind, id, box):
        maps = self.net.mapped(id) if kind[0] == "D" else None
        if maps is None: return box, None, []
        if self.now == "back": more.unjudged("a reply that a gateway translates anew")
        entry = next((it for it in maps if sure(within(box.destination, [one(it[0])])) and (it[1] is None or box.protocol in PORTS and sure(served(it[1], box)))), None)
        if not entry: return box, "direct-connect-nat-no-mapping", []
        _, _, inside, port = entry
        to = {"destination": text(inside), **({"destination_port": str(port)} if port else {})}
        into = box._replace(destination=one(inside), destination_port=one(port) if port else box.destination_port)
        peers = self.net.get("direct_connect_gateways", id)["kind"].get("peer_ips", [])
        seen = next((seen for own, seen in peers if sure(within(box.source, [span(own)]))), None)
        if seen: into = into._replace(source=span(seen))
        why = "direct-connect-secondary-cidr" if self.secondary_of(id, into.destination) else None
        return into, why, [to] + ([{"source": seen}] if seen else [])

    def enter(self, kind, id, after):
        for change in after: self.say("direct-connect-gateway", id, after=change)
        if after: self.taken.append((id, self.box))

    # -- PrivateLink: PL-1 to PL-8
    def serve(self, seat, it, from_subnet, by, box):
        if it.kind != "vpc_endpoints": return super().serve(seat, it, from_subnet, by, box)
        net, offer = self.net, self.net.get("endpoint_services", it.of["service"])
        balancer, own, provider = net.get("load_balancers", offer["load_balancer"]), net.account(it.vpc), net.account(offer["vpc"])
        accepted = own == provider or own in offer.get("allowed_accounts", []) and (offer.get("auto_accept") or it.of.get("state") != "Pending")
        offered = box.protocol in PORTS and any(sure(served(service(each["service"]), box)) for each in balancer.get("listeners", []))
        self.barred(it.id, (it.id in net.down, "endpoint-down"), (not accepted, "vpc-endpoint-pending"), (not offered, "port-not-served"))
        behind = net.seats[offer["load_balancer"]]
        parts = self.parts(behind)
        part = parts[self.choose(list(range(len(parts))))]
        source = self.choose(list(part))  # every range of every part must come through whole
        self.say("vpc-endpoint", it.id, after={"source": text(part[0][0]), "destination": text(behind.addresses[0])})
        box = box._replace(source=source, destination=one(behind.addresses[0]))
        self.groups("ingress", behind, box)
        return super().serve(behind, behind, None, "endpoint", box)

    def parts(self, behind):  # PL-4: the range of the sources, divided by what the filters behind ask; the division decides nothing, only its names.
        targets = [self.net.seats[it["instance"]] for each in behind.of.get("listeners", []) for it in each.get("targets", [])]
        lists = {("security_groups", id, "ingress") for id in behind.groups or []}
        lists |= {("security_groups", id, "ingress") for it in targets for id in it.groups if not behind.of.get("pass_to_target")}
        acls = {self.net.get("subnets", it.subnet).get("network_acl") for it in targets} - {None}
        lists |= {("network_acls", id, side) for id in acls for side in ("ingress", "egress")}
        rules = [rule for each in sorted(lists) for rule in self.net.rules(*each)]
        parts = [(BEHIND,)]
        for ends in {merged(ends) for rule in rules for ends in (rule[2], rule[4]) if ends is not None}:
            parts = [each for part in parts for each in (common(part, ends), without(part, ends)) if each]
        return sorted(parts)


# -- addresses: D20-6, D20-7, D20-42 -------------------------------------------------------------------------------------------------------------
def owners(net, word, internet):  # An owner's very address; if nobody's, a site's host or the Internet's.
    part, own = [span(word)], lambda it: (one(it.addresses[0]),)
    found = [(it, own(it), None) for it in net.seats.values() if (it.subnet or not it.vpc) and within(own(it)[0], part)]
    further = [(it, a) for it in net.seats.values() for a in (*it.addresses[1:], *(it.eip or ())[1:]) if within(one(a), part)]
    found += [(it, (one(a),) if a in it.addresses else own(it), a) for it, a in further]
    nats = [(a, id) for a, id in net.owners.items() if isinstance(id, str) and within(one(a), part)]
    found += [(End("nat", "%s[%s]" % (id, text(a))), (one(a),), None) for a, id in nats]
    rest = [(End("sites", id), common(part, merged(map(span, it["cidrs"]))), None) for id, it in net.all("sites")]
    return found + (rest + [(End("internet", "internet"), internet(part), None)] if "/" in word or not found else [])
def behind(net, id, address):  # Who has an address inside a gateway that translates.
    what, where = variant(net.get("direct_connect_gateways", id)["attached_to"])
    return net.at.get((where, address)) if what == "Vpc" else more.unjudged("mappings of a CCN")
def address(net, word, internet):  # A mapped address means who is behind it, besides who has it anyway.
    part = [span(word)]
    hits = [(behind(net, id, inside), outside) for id, outside, _, inside, _ in net.maps() if within(one(outside), part)]
    if not hits: return owners(net, word, internet)
    others = [it for it in owners(net, word, internet) if not isinstance(it[0], End)]
    if "/" in word or sure(within(span(word), net.public)) or any(it[2] for it in others): more.unjudged("what such an address means")
    if not all(seat for seat, _ in hits): more.unjudged("a mapping to nobody")
    return [(seat, (one(seat.addresses[0]),), outside) for seat, outside in hits] + [(it[0], it[1], span(word)[0]) for it in others]
def meant(net, frm, to, through, boxes):  # D20-42: for a site of the gateway who a packet's port is mapped to, for everybody else who has the address.
    maps = [it for it in net.maps() if it[1] == through]
    if not maps or not isinstance(to, Seat): return boxes
    knows = [it for it in maps if frm.kind == "sites" and any(line["site"] == frm.id for line in net.lines("DirectConnectGateway", it[0]))]
    if not knows and any(through in it.addresses for it in net.seats.values() if it.subnet or not it.vpc): return boxes if through in to.addresses else []
    found, maps = [], knows or maps
    for box in boxes:
        left = (box.destination_port,)
        for id, _, services, inside, _ in maps:
            ports = left if services is None else common(left, services.get(box.protocol, ())) if box.protocol in PORTS else ()
            if behind(net, id, inside) is net.seats[to.id]: found += [box._replace(destination_port=part) for part in ports]
            left = without(left, ports)
        if behind(net, maps[0][0], maps[0][3]) is net.seats[to.id]: found += [box._replace(destination_port=part) for part in left]  # nobody's: by the first
    return found
class Stage(moves.Stage):
    def settle(self):  # A mapping that names a machine means the address that it has now.
        super().settle()
        kinds = [it.get("kind") for it in self.s.get("direct_connect_gateways", {}).values()]
        for entry in (entry for kind in kinds if isinstance(kind, dict) for entry in kind.get("dnat", [])):
            entry["to"] = next((self.s[kind][entry["to"]]["ip"] for kind in more.MACHINES if entry["to"] in self.s.get(kind, {})), entry["to"])
more.Net, more.Stage = Net, Stage
KINDS.update(walk=Walk, address=address, meant=meant)
