#!/usr/bin/env python3
"""Are these certificates of pathproof true of these scenarios?   certcheck.py [--core] CERTIFICATES SCENARIO...
Needs Python 3.9 and nothing else; it holds no graph, no set algebra, no search. A certificate divides what an expectation asks about into boxes (ranges of addresses and
ports). This file counts that the boxes are all that was asked, then takes each by the hand along every way it may go, through every rule that must let it pass, there and back:
the walk it takes, or the cut that loses it, must be the one claimed. A box that a rule takes only in part is refused. Groups, ACLs, ClassicLink, routes, peering, databases and
the classic network are judged here; certcheck_more.py, certcheck_moves.py, certcheck_links.py (left out by --core) add CCN, gateways, balancers, changes. What none judges is not accepted. SG-4, D20-6 ... are
the rules of docs/semantics.md; docs/certificates.md tells what is checked how. A scenario is RON; `Name(a: 1)` is read as {"": "Name", "a": 1}, `Name(1)` as {"": "Name", "_": [1]}.
"""
import collections, functools, hashlib, importlib, ipaddress, json, os, re, sys
Box, End = collections.namedtuple("Box", "protocol source destination source_port destination_port"), collections.namedtuple("End", "kind id")  # an end that has no seat
Seat = collections.namedtuple("Seat", "kind id vpc subnet addresses groups machine eip up of")  # an endpoint; groups None: nothing filters
V6, ALL, PORTS, MACHINES = 1 << 128, ((0, 65535),), ("tcp", "udp"), ("instances", "network_interfaces", "havips")
OPENERS, SERVERS = (*MACHINES, "instance_groups", "classic_instances"), ("databases", "load_balancers", "endpoint_connections", "classic_databases", "classic_load_balancers")
ENGINES = dict(MySql=3306, MariaDb=3306, TdSql=3306, PostgreSql=5432, SqlServer=1433, Redis=6379, MongoDb=27017, Memcached=9101)  # D20-8
SECTIONS = {*OPENERS, *SERVERS, *"""accounts vpcs subnets route_tables network_acls security_groups address_templates address_template_groups
    service_templates service_template_groups peerings ccns nat_gateways vpn_gateways direct_connect_gateways sites platform""".split()}
class Refused(Exception): "The certificate does not show what it claims."
class Unjudged(Exception): "It claims what this file cannot judge."
class Lost(Exception): "The box goes no further: all that stops it at this place, as (lemma, where, rule)."
def bad(*words, kind=Refused): raise kind(" ".join(map(str, words)))
TOKEN = re.compile(r'(\s+|//[^\n]*|/\*.*?\*/|#!\[.*?\])|"(?:\\.|[^"\\])*"|[A-Za-z_]\w*|-?\d+|[(){}\[\],:]', re.S)
def ron(text):  # Word for word into JSON, which is read then.
    found, out, ends = list(TOKEN.finditer(text)), [], []; words = ["", *(it[0] for it in found if not it[1]), "", ""]
    for before, word, after, second in zip(words, words[1:], words[2:], words[3:] + [""]):
        keyed, tag, end = word == "{" or word == "(" and (second == ":" or after == ")"), word == "(" and before.isidentifier() and before, None
        if tag: start, end = ("", "") if tag == "Some" else ('{"":"%s"' % tag + ("" if after == ")" else "," if keyed else ',"_":['), "}" if keyed else "]}")
        elif word in ("(", "[", "{"): start, end = "{[" [not keyed], "}]"[not keyed]
        elif word in (")", "]", "}"): out[-1], start = out[-1].rstrip(","), ends.pop()
        else: start = word if not word.isidentifier() else "" if after == "(" else {"true": "true", "false": "false", "None": "null"}.get(word, '"%s"' % word)
        out.append(start), ends.extend([] if end is None else [end])
    once = lambda pairs: dict(pairs) if len(dict(pairs)) == len(pairs) else bad("a key stands twice")
    return json.loads("".join(out), strict=False, object_pairs_hook=once) if "".join(it[0] for it in found) == text else bad("this is not read as RON")
@functools.lru_cache(None)
def span(text):  # An address, a CIDR (host bits are masked, ACL-9) or a range `a-b`, as numbers; IPv6 stands behind IPv4.
    ends = (lambda net: (net[0], net[-1]))(ipaddress.ip_network(text, False)) if "/" in text else (text.split("-") * 2)[:2]
    return tuple(int(ip) + (V6 if ip.version == 6 else 0) for ip in map(ipaddress.ip_address, ends))
def one(number): return (number, number)
def merged(ranges):
    found = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1: low, high = found[-1][0], max(high, found.pop()[1])
        found.append((low, high))
    return tuple(found)
def common(some, others): return merged((max(a, c), min(b, d)) for a, b in some for c, d in others if max(a, c) <= min(b, d))
def without(some, holes):
    for low, high in holes: some = [part for a, b in some for part in ((a, min(b, low - 1)), (max(a, high + 1), b)) if part[0] <= part[1]]
    return merged(some)
def within(part, ranges): met = [it for it in ranges if it[0] <= part[1] and part[0] <= it[1]]; return bool(met) and (met[0][0] <= part[0] and part[1] <= met[0][1] or None)
def every(*answers): return False if False in answers else None if None in answers else True
def sure(answer): return bad("a box is only partly inside") if answer is None else answer
ports = functools.lru_cache(None)(lambda text: ALL if text.lower() == "all" else merged(tuple(map(int, (part.split("-") * 2)[:2])) for part in text.split(",")))
def variant(it): return it if isinstance(it, str) else (it[""], *it["_"])
@functools.lru_cache(None)
def service(text):  # {protocol: destination ports}; `all` takes every protocol.
    protocol, _, rest = text.lower().partition(":"); return {"tcp" if protocol in ("http", "https") else protocol: ports(rest) if rest else ALL}
def served(services, box): return "all" in services or box.protocol in services and (box.protocol not in PORTS or within(box.destination_port, services[box.protocol]))
def reply(box): return Box(box.protocol, box.destination, box.source, box.destination_port, box.source_port)
class Net:  # the network of a stage
    def __init__(self, sections, links, down=()):
        self.s, self.links, self.down, self.seats = sections, links, down, {}  # links: {(VPC, classic CVM): (address, it is live)}
        if not set(sections) <= SECTIONS: bad(*set(sections) - SECTIONS, kind=Unjudged)
        self.lists = {id: [it["cidr"], *it.get("secondary_cidrs", []), *filter(None, [it.get("ipv6_cidr")])] for id, it in self.all("vpcs")}
        self.cidrs = {id: merged(map(span, cidrs)) for id, cidrs in self.lists.items()}
        reserved = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 198.18.0.0/15 224.0.0.0/4 240.0.0.0/4"
        private = [*reserved.split(), *sum(self.lists.values(), []), *(cidr for _, site in self.all("sites") for cidr in site["cidrs"])]
        self.public = without([span("0.0.0.0/0"), span("2000::/3")], map(span, private))  # D20-3
        for kind in OPENERS + SERVERS: [self.sit(kind, id, it) for id, it in self.all(kind)]
        self.at = {(seat.vpc, address): seat for seat in self.seats.values() for address in seat.addresses if not seat.vpc or seat.subnet or not seat.eip}
        self.owners = {**{span(eip)[0]: id for id, nat in self.all("nat_gateways") for eip in nat.get("eips", [])}, **{it.eip[1]: it for it in self.seats.values() if it.eip}}
    def all(self, section): return self.s.get(section, {}).items()
    def get(self, section, id): return self.s.get(section, {}).get(id)
    def sit(self, kind, id, it):  # Makes an endpoint's seat: place, addresses, groups, machine, (private, public) address, whether it runs.
        if it.get("missing_from") or it.get("old_vips"): bad("what the file does not say of", id, kind=Unjudged)
        of = it.get("network", it); own, machine = of.get("ip") or of.get("vip"), it.get("bound_to") if kind == "havips" else it.get("instance", id) if kind in OPENERS else None
        eip = own if of.get("") == "Public" or kind == SERVERS[4] and it.get("public") else of.get("eip") or of.get("public_ip")
        host, where = self.get("instances", machine) or it, of.get("subnet")
        groups = (host if kind == "havips" else it).get("security_groups") or ([] if kind in OPENERS else None)  # D20-11, SG-17, DB-4, CLB-6
        homes = [id for id, net in self.all("subnets") if net["vpc"] == it["vpc"] and within(span(own), [span(net["cidr"])])] if kind == SERVERS[2] else [where]
        where = homes[0] if homes else bad("an address of no subnet", kind=Unjudged); vpc = of.get("vpc") or (self.get("subnets", where) or {}).get("vpc")
        up = machine and machine not in self.down and host.get("state", "Running") == "Running"
        more = [span(text)[0] for text in [*it.get("secondary_ips", []), *filter(None, [it.get("ipv6")])]]
        for first in [span(own)[0]] if own else range(span(it["ips"])[0], span(it["ips"])[1] + 1):
            name = id if own else "%s[%s]" % (id, ipaddress.ip_address(first))
            self.seats[name] = Seat(kind, name, vpc, where, (first, *more), groups, machine if own else name, eip and (first, span(eip)[0]), up, it)
    def flat(self, what, field, text):  # SG-14: what a template, or a group of templates, stands for.
        group = self.get(what + "_template_groups", text) or {"templates": [text]}
        return [each for id in group["templates"] for each in (self.get(what + "_templates", id) or {field: [id]})[field]]
    @functools.lru_cache(None)
    def services(self, text):
        parts = [item for each in self.flat("service", "services", text) for item in service(each).items()]
        return {protocol: merged(part for other, ranges in parts if other == protocol for part in ranges) for protocol, _ in parts}
    @functools.lru_cache(None)
    def peers(self, text):  # SG-9, SG-12: any `0.0.0.0/n` is everything; a group is the private addresses of its machines.
        members = (one(a) for it in self.seats.values() if it.kind in OPENERS and it.kind != "havips" and text in it.groups for a in it.addresses)
        if self.get("security_groups", text) is not None: return merged(members)
        return (span("0.0.0.0/0"),) if "/" in text and span(text)[0] == 0 else merged(map(span, self.flat("address", "addresses", text)))
    @functools.lru_cache(None)
    def rules(self, section, owner, side):  # [(index, accepts, source, source ports, destination, services)]; an end that is None is any.
        peers, services = (self.peers, self.services) if section == "security_groups" else (lambda text: (span(text),), service)
        return [(index, rule[""] == "Accept", rule.get("from") and peers(rule["from"]), ports(rule.get("source_port", "all")), rule.get("to") and peers(rule["to"]),
                 services(rule.get("service", "all"))) for index, rule in enumerate(self.get(section, owner).get(side, []))]
    def first(self, section, owners, side, box):  # The first rule that meets the box takes all of it (SG-3, SG-4, ACL-3); without one it is denied (SG-5, ACL-4).
        for owner, (index, accepts, source, sent_from, to, services) in ((owner, rule) for owner in owners for rule in self.rules(section, owner, side)):
            ends, by_port = (source is None or within(box.source, source), to is None or within(box.destination, to)), sent_from == ALL or box.protocol in PORTS and within(box.source_port, sent_from)
            if sure(every(*ends, by_port, served(services, box))): return [owner, index], accepts
        return None, False
    def routes(self, vpc, name):  # RT-9: a table's enabled routes [range, hop, priority, index]; those that win inside the VPC; those that are off.
        if any({"": "Vpc", "_": [vpc]} in ccn.get("attachments", []) for _, ccn in self.all("ccns")): bad("not judged here: routes that a CCN brings", kind=Unjudged)
        routes = enumerate((self.get("route_tables", name) or {}).get("routes", []))
        return [[span(it["to"]), variant(it["via"]), it.get("priority", 0), index] for index, it in routes if it.get("enabled", True)], [], []
    def lookup(self, vpc, subnet, to, has_public, owner):  # RT-4..6, RT-10, RT-11, RT-13, D20-2, D20-35: Local, a link, or the best routes, as (kind, id, table, index).
        name, local = (self.get("subnets", subnet) or {}).get("route_table") or self.get("vpcs", vpc).get("default_route_table"), sure(within(to, self.cidrs[vpc]))
        linked = [id for (of, id), (at, live) in self.links.items() if of == vpc and live and sure(within(to, [one(at)]))]
        if linked and not local: return [("Linked", linked[0])]
        (routes, inner, off), best, size = self.routes(vpc, name), [], lambda it: it[0][1] - it[0][0]
        for it in sorted(inner if local else routes, key=size):
            if best and size(best[0]) < size(it): break
            if (has_public or it[1] != "Eip") and sure(within(to, [it[0]])): best.append(it)
        best = [it for it in best if it[2] == min(other[2] for other in best)]
        if best: return [(("Eip", vpc) if it[1] == "Eip" else it[1]) + (name, it[3]) for it in [it for it in best if it[1] == "Eip"] or best]
        public = not local and sure(within(to, self.public))
        if local or public and has_public: return [("Local" if local else "Eip", vpc)]
        off = [("ccn-route-disabled", ccn) for route, ccn in off if not public and sure(within(to, [route]))]
        raise Lost(off or [("no-public-address", owner or name or vpc) if public else ("no-route", name or vpc)])
class Walk:  # one way of a box, there and back, stage by stage
    def __init__(self, net, frm, to, box, picks):
        self.net, self.frm, self.to, self.box, self.picks, self.picked = net, frm, to, box, picks, 0; self.steps, self.now = {"there": [], "back": []}, "there"
    def choose(self, found):  # Of several ways one; the check comes again until every one has been taken (RT-10, D20-29).
        if len(found) == 1: return found[0]
        self.picks, self.picked = self.picks if self.picked < len(self.picks) else self.picks.append([0, len(found)]) or self.picks, self.picked + 1
        return found[self.picks[self.picked - 1][0]]
    def say(self, stage, at, **more): self.steps[self.now].append({"stage": stage, "at": at, **more})
    def lose(self, *causes): raise Lost(causes)
    def barred(self, at, *causes): any(holds for holds, _ in causes) and self.lose(*((code, at) for holds, code in causes if holds))
    def filter(self, section, side, at, owners, box):
        stage, (rule, accepted) = section[:-1].replace("_", "-") + "-" + side, self.net.first(section, owners, side, box)
        return self.say(stage, at, rule=rule) if accepted else self.lose((stage + "-denied", at, rule))
    def groups(self, side, seat, box):  # SG-1: replies are remembered.
        if self.now == "there" and seat.groups is not None: self.filter("security_groups", side, seat.id, seat.groups, box)
    def acl(self, side, subnet, other, box):  # ACL-1, ACL-5: none acts within a subnet.
        acl = subnet and subnet != other and self.net.get("subnets", subnet).get("network_acl"); acl and self.filter("network_acls", side, acl, [acl], box)
    def secondary(self, vpc, part): return sure(within(part, merged(map(span, self.net.get("vpcs", vpc).get("secondary_cidrs", [])))))
    def covers(self, vpc, part): return sure(within(part, self.net.cidrs[vpc]))
    def run(self):  # The opener sends (D20-1, PIPE-2, SG-18, SG-20, CL-5, CN-3).
        net, frm, to, box = self.net, self.frm, self.to, self.box
        if isinstance(frm, End): return self.beyond(frm.kind, box)
        self.barred(frm.id, (frm.kind not in OPENERS, "endpoint-connection-one-way" if frm.kind == SERVERS[2] else "endpoint-cannot-initiate"))
        self.barred(frm.id, (not frm.up, "endpoint-down" if frm.machine else "route-blackhole"))
        if not sure(within(box.source, [one(a) for a in frm.addresses])): bad("a source that is not the opener's")
        public, home = sure(within(box.destination, net.public)), lambda it: it.of.get("account", "default")
        if public or frm.vpc or to.kind != SERVERS[3] or to.of["engine"] not in ("MySql", "Redis", "Memcached"): self.groups("egress", frm, box)
        mail = public and box.protocol == "tcp" and net.s.get("platform", {}).get("outbound_smtp_blocked", True) and sure(within(box.destination_port, [(25, 25)]))
        self.barred(frm.id, (mail, "outbound-smtp-blocked"), (not frm.vpc and public and not frm.eip, "no-public-address"))
        if not frm.vpc and public: return self.beyond("internet", box._replace(source=one(frm.eip[1])))
        self.barred(frm.id, (not frm.vpc and isinstance(to, End), "no-route"))
        if not frm.vpc and to.vpc: return self.receive(*self.over_link(frm, to.vpc, box))
        tenants = not frm.vpc and ((home(frm) != home(to), "classic-other-tenant"), (frm.of["region"] != to.of["region"], "classic-other-region"))
        if tenants: return self.barred(to.id, *tenants) or self.receive(None, None, "classic", box)
        self.barred(to.id, (not public and to.kind in SERVERS[3:], "classic-link-cvm-only"))
        if not public and to.kind == "classic_instances": self.linked(frm.vpc, to)
        self.receive(*self.carry(frm, box))
    def linked(self, vpc, classic):  # CL-2, CL-18: a link that lives.
        link = self.net.links.get((vpc, classic.id)); self.barred(classic.id, (link and not link[1], "classic-link-stale-address"), (not link, "classic-link-not-linked"))
    def over_link(self, classic, vpc, box):  # A classic CVM sends into a VPC (CL-4, CL-6).
        self.linked(vpc, classic); self.barred(vpc, (self.secondary(vpc, box.destination), "classic-link-secondary-cidr"))
        self.barred(vpc, (not self.covers(vpc, box.destination), "no-route")); return vpc, None, "link", box
    def carry(self, seat, box):  # By the route tables from a seat to where the box lands: (VPC, subnet it comes from, by what, box).
        vpc, subnet, blame = seat.vpc, seat.subnet, seat.id if seat.kind in MACHINES and seat.eip else None
        eip = seat.eip if blame and box.source == one(seat.eip[0]) else None  # D20-41
        kind, id, *entry = self.choose(self.net.lookup(vpc, subnet, box.destination, eip, blame)); entry and entry[1] is not None and self.say("route", entry[0], index=entry[1]); self.barred(entry and entry[0], (entry and self.gone(kind, id, vpc), "route-blackhole"))
        there = self.net.at.get((vpc, box.destination[0])) if kind == "Local" else self.net.seats.get(id); self.acl("egress", subnet, there and there.subnet, box)
        if kind == "Local": return vpc, subnet, "local", box
        linked = kind == "Linked" and ((self.secondary(vpc, box.source), "classic-link-secondary-cidr"), (not self.covers(vpc, box.source), "classic-link-no-transit"))  # CL-6, CL-12
        if linked or kind != "PeeringConnection": return (self.barred(vpc, *linked) or (None, None, id, box)) if linked else self.beyond(kind, box, seat, id, entry[0] if entry else subnet, eip)
        it = self.net.get("peerings", id)  # PCX-1, PCX-4, PCX-7
        other = it["between"][it["between"][0] == vpc]
        self.barred(id, (it.get("state") == "Pending" or id in self.net.down, "attachment-down"), (self.secondary(vpc, box.source) or self.secondary(other, box.destination),
                    "peering-secondary-cidr"), (not self.covers(vpc, box.source) or not self.covers(other, box.destination), "gateway-no-transit"))
        self.say("peering", id); return other, None, kind, box
    def beyond(self, kind, *_): bad("not judged here:", kind, kind=Unjudged)
    def gone(self, kind, id, vpc): return kind == "PeeringConnection" and vpc not in (self.net.get("peerings", id) or {"between": ()})["between"]  # RT-16
    def receive(self, vpc, from_subnet, by, box, seat=None):  # Who has the address takes the box, if it is who is meant, runs and serves it; then the reply goes home.
        seat = seat or (self.net.at.get((vpc, box.destination[0])) if vpc else self.to); self.barred(vpc, (not seat, "local-without-owner"))
        self.barred(seat.id, (seat.id != self.to.id and not (by == "dnat" and self.to.kind == "nat"), "no-route")); self.acl("ingress", seat.subnet, from_subnet, box)
        self.let_in(seat, by, box); self.barred(seat.id, (seat.kind in OPENERS and not seat.up, "endpoint-down" if seat.machine else "route-blackhole"))
        back = self.serve(seat, seat, from_subnet, by, box); self.now, box = "back", reply(box)  # PIPE-2: groups remember the connection, ACLs do not, routes are looked up again
        if back: self.acl("egress", *back)
        if by == "classic" or by == "eip" and not seat.subnet: return
        if by in ("eip", "dnat"): return self.acl("egress", seat.subnet, None, box)  # NAT-5, NAT-11
        self.home(*(self.carry(seat, box) if seat.vpc else self.over_link(seat, self.frm.vpc, box)), seat)
    def let_in(self, seat, by, box): self.groups("ingress", seat, box)
    def serve(self, seat, it, from_subnet, by, box):  # DB-1, D20-8: what answers there, and on which port.
        if it.kind not in OPENERS + ("databases", SERVERS[3]): return self.beyond(it.kind)
        port = it.kind not in OPENERS and one(it.of.get("port") or ENGINES[it.of["engine"]])
        self.barred(seat.id, (port and not (box.protocol == "tcp" and sure(within(box.destination_port, [port]))), "port-not-served"))
    def home(self, vpc, from_subnet, by, box, seat):
        owner = self.net.at.get((vpc, box.destination[0])) if vpc else self.net.seats[by]
        self.barred(vpc or seat.vpc, (vpc == "internet" or owner and owner.id != self.frm.id, "no-route"), (not owner, "local-without-owner"))
        self.acl("ingress", owner.subnet, from_subnet, box)
def ways(net, frm, to, box):  # Every way of a box: [its walk], or all the cuts that stop it at the place where it is lost.
    picks, first = [], True
    while picks or first:
        walk, first = KINDS["walk"](net, frm, to, box, picks), False
        try: yield walk.run() or [walk.steps]
        except Lost as lost: yield [dict(zip(("direction", "lemma", "at", "rule"), (walk.now, *cause))) for cause in lost.args[0]]
        while picks and picks[-1][0] + 1 == picks[-1][1]: picks.pop()
        if picks: picks[-1][0] += 1
def select(net, text, opening):  # `A | B` of ids, tags, addresses and `internet`: [(end, ranges, the address it is meant by if not its own)] (D20-6, D20-7, D20-27).
    found, hosts = [], [it for it in net.seats.values() if (it.kind != "havips" or it.machine) and (not opening or it.kind in OPENERS)]
    own, internet = lambda it: (one(it.addresses[0]),), lambda part: without(common(part, net.public), map(one, net.owners))
    for word in map(str.strip, text.split("|")):
        tag, site = word.startswith("tag:") and word[4:].partition("=")[::2], net.get("sites", word)
        if site: found.append((End("sites", word), merged(map(span, site["cidrs"])), None))
        elif word == "internet": found.append((End(word, word), internet(net.public), None))
        elif re.fullmatch(r"[\da-f.:]*[.:][\da-f.:/]+", word): found += KINDS["address"](net, word, internet)
        elif word in net.seats: found.append((net.seats[word], own(net.seats[word]), None))
        else: found += [(it, own(it), None) for it in hosts if word in (it.vpc, it.subnet, it.id.split("[")[0], *(it.groups or () if it.kind != "havips" else ())) or
                        tag and tag in it.of.get("tags", {}).items()] or bad("not judged here: whom this means:", word, kind=Unjudged)
    return list({(it[0].kind, it[0].id, it[2]): it for it in found if it[1]}.values())
def asked(net, question):  # {(from, to): [from, to, every box that is asked of them]}.
    wanted, found = service(question["service"]), {}; wanted = dict.fromkeys(("tcp", "udp", "icmp", "gre"), ALL) if "all" in wanted else wanted
    for frm, sources, by in KINDS["select"](net, question["from"], True):
        for to, destinations, through in KINDS["select"](net, question["to"], False):
            if frm.id == to.id or frm.kind == "nat" or isinstance(frm, Seat) and isinstance(to, Seat) and frm.machine and frm.machine == to.machine: continue
            public = frm.kind == "internet" and isinstance(to, Seat) and not through
            if "icmpv6" in wanted or sources[0][0] >= V6 or public and not to.eip and KINDS["hidden"](net, to): bad("IPv6, or whom the Internet means without a public address", kind=Unjudged)
            there = [one(through)] if through else [one(to.eip[1])] if public and to.eip else destinations
            for protocol, to_ports in wanted.items():
                pairs = [(a, b) for a in ports(question["source_port"]) for b in to_ports] if protocol in PORTS else [((0, 0), (0, 0))]
                found.setdefault((frm.id, to.id), [frm, to, []])[2].extend(KINDS["meant"](net, frm, to, through, [Box(protocol, a, b, *pair) for a in ([one(by)] if by else sources) for b in there for pair in pairs if max(a, b)[0] < V6]))
    return {key: it for key, it in found.items() if it[2]}
def flat(network):  # Its sections, those of the classic network among them; its links.
    classic = {"classic_" + name: it for name, it in network.get("classic", {}).items()}
    return {name: it for name, it in {**network, **classic}.items() if name not in ("", "classic", "classic_links")}, network.get("classic_links", {})
def joined(some, more): return {**some, **{name: {**some.get(name, {}), **it} if isinstance(it, dict) else it for name, it in more.items()}}
def load(path, files):  # A file, and the network of it and of those that it includes; what was read is noted in `files`.
    with open(path, "rb") as file: text = file.read()
    scenario, sections, links = ron(text.decode("utf-8-sig")), {}, {}; files[os.path.realpath(path)] = (os.path.basename(path), hashlib.sha256(text).hexdigest())
    for more in (os.path.join(os.path.dirname(path), name) for name in scenario.get("include", [])):
        if os.path.realpath(more) not in files: _, its, of = load(more, files); sections, links = joined(sections, its), {**links, **of}
    own, of = flat(scenario.get("network", {})); return scenario, joined(sections, own), {**links, **of}
def stages(scenario, sections, links):  # (kind, name, changes, its network as a function, expectations).
    live = {(vpc, id): (span(sections["classic_instances"][id]["ip"])[0], True) for vpc, ids in links.items() for id in ids}
    yield "base", None, [], functools.lru_cache(None)(lambda: Net(sections, live)), scenario.get("expect", [])
    for kind, it in [("step", it) for it in scenario.get("steps", [])] + [("what_if", it) for it in scenario.get("what_if", [])]:
        yield kind, it["name"], None, lambda: bad("not judged here: changes", kind=Unjudged), it.get("expect", [])
RESTS = {"security-group": "SG-4 SG-8", "network-acl": "ACL-9 ACL-11", "route": "RT-1 RT-5", "peering": "PCX-4", "ccn": "CCN-9 D20-5", "nat-": "D20-2 NAT-4 NAT-5",
         "load-balancer": "CLB-2 D20-10", "no-route": "D20-2", "no-public-address": "D20-2 RT-13", "private-destination-to-internet": "D20-2",
         "local-without-owner": "D20-32", "endpoint-cannot-initiate": "D20-1", "endpoint-down": "D20-17", "endpoint-connection": "EP-6 EP-7",
         "port-not-served": "D20-8 D20-9", "no-target": "D20-10", "attachment-down": "D20-20", "gateway-no-transit": "PCX-4", "classic-link-no-transit": "CL-11 CL-12"}
def boxed(it): return Box(it["protocol"], span(it["source"]), span(it["destination"]), *(ports(it[key])[0] for key in ("source_port", "destination_port")))
def size(box): return functools.reduce(lambda all, part: all * (part[1] - part[0] + 1), box[1:], 1)
def inside(a, b): return a[0] == b[0] and every(*(within(x, [y]) for x, y in zip(a[1:], b[1:])))
def check(it, changes, net, expectations):  # Refuses a certificate unless it proves its verdict of a stage.
    fields, question = {"schema", "program", "sha256", "stage", "expectation", "question", "verdict", "ends", "asked", "pieces", "rests_on"}, it["question"]
    if it["schema"] != "pathproof.certificate/1" or set(it) != fields or not re.fullmatch(r"pathproof \d+\.\d+\.\d+", it["program"]): bad("no certificate of version 1")
    it["stage"]["changes"] == changes and len(it["stage"]) == 3 or bad("the changes are others")
    if it["expectation"] is not None:
        meant = {"service": "all", "source_port": "1024-65535", **expectations[it["expectation"]]}
        if [question[key] for key in ("from", "to", "service")] != [meant[key] for key in ("from", "to", "service")] or ports(question["source_port"]) != ports(meant["source_port"]): bad("another question")
    for side in ("from", "to"):
        if sorted((e.id, merged(ranges)) for e, ranges, _ in KINDS["select"](net, question[side], side == "from")) != sorted((e["id"], merged(map(span, e["addresses"]))) for e in it["ends"][side]): bad("other ends:", side)
    pairs, parts, rests, fates = asked(net, question), {}, {"D20-6", "PIPE-2", "PIPE-5"}, {}; pairs or bad("nobody is asked")
    if sorted((each["from"], each["to"], boxed(each)) for each in it["asked"]) != sorted((*key, box) for key, pair in pairs.items() for box in pair[2]): bad("something else was asked")
    for piece in it["pieces"]: parts.setdefault((piece["from"], piece["to"]), []).extend((boxed(each), piece) for each in piece["boxes"])
    if set(parts) != set(pairs): bad("the pieces are of other pairs")
    for key, (frm, to, boxes) in pairs.items():
        own = [box for box, _ in parts[key]]
        if any(inside(a, b) is not False for i, a in enumerate(own) for b in own[:i]) or sum(map(size, own)) != sum(map(size, boxes)): bad("the pieces are not all that was asked, once")
        if not all(any(inside(box, each) for each in boxes) for box in own): bad("a piece was not asked")
        for box, piece in parts[key]:
            claimed, found = piece.get("walks", []) + piece.get("cuts", []), list(ways(net, frm, to, box))
            if not all(any(way in claimed for way in each) for each in found) or not all(any(claim in each for each in found) for claim in claimed): bad("not so:", claimed, "but", found)
    for piece in it["pieces"]:
        kinds = {kind[:-1] for kind in ("walks", "cuts") if piece.get(kind)}
        if not piece["boxes"] or piece["claim"] != ("partly" if len(kinds) == 2 else min(kinds)): bad("another claim")
        names = [step["stage"] for walk in piece.get("walks", []) for way in walk.values() for step in way] + [cut["lemma"] for cut in piece.get("cuts", [])]
        rests |= {rule for name in names for rule in next((rules for begins, rules in RESTS.items() if name.startswith(begins)), "").split()}
        fates.setdefault((piece["from"], *KINDS["met"](net, piece["to"])), {}).setdefault(piece["to"], set()).update(kinds)
    works = set().union(*({"walk"} if {"walk"} in each.values() else set().union(*each.values()) for each in fates.values()))  # MIG-11: one address of several is enough
    if it["verdict"] != {"walk": "reachable", "cut": "unreachable"}.get("".join(works), "partial") or it["rests_on"] != sorted(rests): bad("another verdict, or it rests on something else")
def main(certificates, *scenarios):
    tally, seen, known = [0, 0, 0], set(), [(list(KINDS["stages"](*load(path, files))), sorted(files.values())) for path, files in ((path, {}) for path in scenarios)]
    with open(certificates, encoding="utf-8") as file: documents = json.loads("[%s]" % re.sub(r"\}\s*\n\s*\{(?=\s*\"schema\")", "},{", file.read()))  # one after the other
    for it in (documents := documents[0] if documents and isinstance(documents[0], list) else documents):
        try:
            read = sorted((os.path.basename(path), digest) for path, digest in it["sha256"].items()); which = [files for _, files in known].index(read)
            place, stage = next(each for each in enumerate(known[which][0]) if list(each[1][:2]) == [it["stage"]["kind"], it["stage"]["name"]])
            seen.add((which, place, it["expectation"]))
            if "no_certificate" in it: bad("no certificate:", it["no_certificate"], "for", json.dumps(it["question"]), kind=Unjudged)
            check(it, stage[2], stage[3](), stage[4]); tally[0] += 1
        except Unjudged as gap: tally[2] += not print(gap)
        except Exception as error: tally[1] += not print("rejected:", type(error).__name__, error)  # whatever is wrong with it, it is not accepted
    if any(it.get("expectation") is not None for it in documents): tally[2] += sum((which, place, i) not in seen for which, (all, _) in enumerate(known) for place, each in enumerate(all) for i in range(len(each[4])))
    print("%d accepted, %d rejected, %d without a certificate" % tuple(tally)); return 1 if tally[1] or tally[2] else 0
KINDS = {"walk": Walk, "stages": stages, "select": select, "hidden": lambda *_: True, "met": lambda net, id: (id,), "meant": lambda net, frm, to, by, boxes: boxes, "address": lambda *_: bad("not judged here: an address", kind=Unjudged)}
if __name__ == "__main__":
    sys.modules["certcheck"], words = sys.modules["__main__"], [word for word in sys.argv[1:] if word != "--core"]
    if "--core" not in sys.argv and os.path.exists(os.path.join(sys.path[0], "certcheck_links.py")): importlib.import_module("certcheck_links")
    sys.exit(main(*words) if len(words) > 1 else __doc__)
