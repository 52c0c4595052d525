#!/usr/bin/env bash
# Collects, read-only, what `pathproof import tencent` understands of the regions of an account:
#
#   tools/collect.sh [-o DIR] REGION…          every answer of the API as a file in DIR (default: dump)
#   pathproof import tencent DIR
#
# Every page is asked for; what fails for a while is asked again (TRIES, default 5; WAIT seconds, doubled each time,
# default 2); what fails for good is kept as the error that it is, and the importer names it. Run again in the same
# folder, it asks only for what is not there yet. At the end, also after an interruption, `manifest.json` says what was
# asked for and what came of it. Needs `tccli`, configured, and `python3`. Exit status: 0 all answered, 1 not all, 2 misuse.
set -u

DIR=dump
while getopts "o:h" option; do
  case $option in
    o) DIR=$OPTARG ;;
    *) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || { echo "usage: $0 [-o DIR] REGION…" >&2; exit 2; }
for needed in tccli python3; do
  command -v "$needed" > /dev/null || { echo "$0: $needed is not installed" >&2; exit 2; }
done
TRIES=${TRIES:-5} WAIT=${WAIT:-2} LIMIT=100
REGIONS=("$@")
mkdir -p "$DIR" && cd "$DIR" || exit 2
: > .asked

# What is to be known of an answer: whether it is one, how many things it holds and how many there are, their ids.
answer() {   # size FILE LIST | ids FILE LIST KEY… | error FILE STDERR | manifest REGION…
  python3 - "$@" << 'PYTHON'
import json, os, re, sys

def read(path):
    with open(path, encoding="utf-8") as file:
        answer = json.load(file)
    return answer.get("Response", answer)

def things(path, name):
    return read(path).get(name) or []

do, path = sys.argv[1], sys.argv[2]
if do == "size":
    try:
        answer = read(path)
        if "Error" in answer:
            sys.exit(1)
        total = answer.get("TotalCount")
        print(len(things(path, sys.argv[3])), -1 if total is None else int(total))
    except (OSError, ValueError, AttributeError, TypeError):
        sys.exit(1)
elif do == "ids":
    for thing in things(path, sys.argv[3]):
        print(thing[sys.argv[4]], *(thing.get(key) for key in sys.argv[5:]))
elif do == "error":
    # either the answer holds it, or tccli told it: [TencentCloudSDKException] code:X message:Y requestId:Z
    told = open(sys.argv[3], encoding="utf-8", errors="replace").read().strip()
    try:
        error = read(path)["Error"]
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        parts = re.search(r"code:\s*(\S+)\s+message:\s*(.*?)(\s+requestId:.*)?$", told, re.S)
        code, message = parts.group(1, 2) if parts else ("NoAnswer", told or "tccli answered nothing")
        error = {"Code": code, "Message": message}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"Response": {"Error": error}}, file, ensure_ascii=False, indent=1)
    print(error.get("Code", ""))
elif do == "manifest":
    answers = []
    for line in dict.fromkeys(open(".asked", encoding="utf-8").read().split("\n")):
        if not line:
            continue
        error = None
        if not os.path.exists(line):
            error = "it was not answered"
        else:
            try:
                told = read(line).get("Error")
                error = told and f"{told.get('Code', '')}: {told.get('Message', '')}"
            except (ValueError, AttributeError) as reason:
                error = str(reason)
        answers.append({"file": line, "error": error})
    failed = [it for it in answers if it["error"]]
    manifest = {"schema": "pathproof.collect/1", "regions": sys.argv[3:], "finished": path == "finished",
                "answers": answers}
    with open("manifest.json.part", "w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False, indent=1)
    os.replace("manifest.json.part", "manifest.json")
    for it in failed:
        print(f"  {it['file']}: {it['error']}", file=sys.stderr)
    print(f"{len(answers) - len(failed)} answers, {len(failed)} without one", file=sys.stderr)
    sys.exit(bool(failed) or path != "finished")
PYTHON
}

STATE=interrupted
trap 'rm -f ./*.part .told; answer manifest "$STATE" "${REGIONS[@]}"; status=$?; rm -f .asked; exit $status' EXIT
trap 'exit 1' INT TERM HUP

ask() {   # FILE LIST SERVICE ACTION PARAMETERS…: one answer, unless it is there; SIZE = how many it holds of how many
  local file=$1 list=$2 try=1 wait=$WAIT code; shift 2
  echo "$file" >> .asked
  [ -e "$file" ] && SIZE=$(answer size "$file" "$list") && return
  while :; do
    if tccli "$@" --region "$R" > "$file.part" 2> .told && SIZE=$(answer size "$file.part" "$list"); then
      mv "$file.part" "$file"
      return
    fi
    code=$(answer error "$file.part" .told)
    case $code in   # what asking again does not change
      AuthFailure*|Unauthorized*|UnknownParameter*|InvalidParameter*|Unsupported*|InvalidAction*|NoSuch*|ResourceNotFound*) break ;;
    esac
    [ "$try" -lt "$TRIES" ] || break
    sleep "$wait"; try=$((try + 1)) wait=$((wait * 2))
  done
  mv "$file.part" "$file"
  return 1
}

name() {   # SERVICE ACTION: what files are named after
  case $1 in vpc|cvm|clb|dc) echo "$2" ;; *) echo "$1.$2" ;; esac
}

pages() {   # OF SERVICE ACTION LIST PARAMETERS…: every page of what is told of a region or a thing
  local of=$1 service=$2 action=$3 list=$4 page=1 got=0 offset file count total; shift 4
  while :; do
    file=$(name "$service" "$action").$of.$page.json
    # of SQL Server it is the number of the page
    if [ "$service" = sqlserver ]; then offset=$((page - 1)); else offset=$(((page - 1) * LIMIT)); fi
    ask "$file" "$list" "$service" "$action" "$@" --Limit "$LIMIT" --Offset "$offset" || return
    read -r count total <<< "$SIZE"
    got=$((got + count))
    if [ "$total" -ge 0 ]; then [ "$got" -lt "$total" ] || return; else [ "$count" -ge "$LIMIT" ] || return; fi
    [ "$count" -gt 0 ] || return
    page=$((page + 1))
  done
}

all() {   # SERVICE ACTION LIST [KEY…]: every page of a region; prints the ids
  local file
  echo "$R $1 $2" >&2
  pages "$R" "$1" "$2" "$3"
  [ -n "${4-}" ] || return
  for file in "$(name "$1" "$2").$R".*.json; do
    [ -e "$file" ] && answer ids "$file" "${@:3}"
  done
}

one() {   # SERVICE ACTION ID PARAMETERS…: the answer about one thing
  ask "$(name "$1" "$2").$3.json" "" "$1" "$2" "${@:4}"
}

collect() {   # all of the region R
  local it action list service product id table kind old
  for it in DescribeVpcs:VpcSet DescribeAssistantCidr:AssistantCidrSet DescribeSubnets:SubnetSet \
    DescribeRouteTables:RouteTableSet DescribeNetworkInterfaces:NetworkInterfaceSet DescribeVpnConnections:VpnConnectionSet \
    DescribeCustomerGateways:CustomerGatewaySet DescribeHaVips:HaVipSet DescribeVpcPeeringConnections:PeerConnectionSet \
    DescribeVpcEndPointService:EndPointServiceSet DescribeVpcEndPointServiceWhiteList:VpcEndpointServiceUserSet \
    DescribeVpcEndPoint:EndPointSet DescribeAddresses:AddressSet DescribeCcnAttachedInstances:InstanceSet DescribeClassicLinkInstances:ClassicLinkInstanceSet \
    DescribeAddressTemplates:AddressTemplateSet DescribeServiceTemplates:ServiceTemplateSet \
    DescribeAddressTemplateGroups:AddressTemplateGroupSet DescribeServiceTemplateGroups:ServiceTemplateGroupSet
  do IFS=: read -r action list <<< "$it"; all vpc "$action" "$list"; done
  all cvm DescribeInstances InstanceSet
  all dc DescribeDirectConnectTunnels DirectConnectTunnelSet
  if [ "$R" = "${REGIONS[0]}" ]; then   # an account has one Cloud Firewall at the border of the Internet
    for it in in:1 out:0; do
      pages "${it%:*}" cfw DescribeAclRule Data \
        --Filters "[{\"Name\": \"Direction\", \"Values\": [\"${it#*:}\"], \"OperatorType\": 1}]"
    done
    pages edge cfw DescribeFwEdgeIps Data
  fi
  for id in $(all vpc DescribeSecurityGroups SecurityGroupSet SecurityGroupId)
  do one vpc DescribeSecurityGroupPolicies "$id" --SecurityGroupId "$id"; done
  for id in $(all vpc DescribeNetworkAcls NetworkAclSet NetworkAclId)
  do pages "$id" vpc DescribeNetworkAclQuintupleEntries NetworkAclQuintupleSet --NetworkAclId "$id"; done
  for id in $(all vpc DescribeNatGateways NatGatewaySet NatGatewayId); do
    pages "$id" vpc DescribeNatGatewaySourceIpTranslationNatRules SourceIpTranslationNatRuleSet --NatGatewayId "$id"
    pages "$id" vpc DescribeNatGatewayDestinationIpPortTranslationNatRules \
      NatGatewayDestinationIpPortTranslationNatRuleSet --NatGatewayIds "[\"$id\"]"
  done
  for id in $(all vpc DescribeVpnGateways VpnGatewaySet VpnGatewayId); do
    pages "$id" vpc DescribeVpnGatewayRoutes Routes --VpnGatewayId "$id"
    pages "$id" vpc DescribeVpnGatewayCcnRoutes RouteSet --VpnGatewayId "$id"
  done
  for id in $(all vpc DescribeDirectConnectGateways DirectConnectGatewaySet DirectConnectGatewayId)
  do pages "$id" vpc DescribeDirectConnectGatewayCcnRoutes RouteSet --DirectConnectGatewayId "$id"; done
  for id in $(all vpc DescribeCcns CcnSet CcnId); do
    pages "$id" vpc DescribeCcnRoutes RouteSet --CcnId "$id"
    pages "$id" vpc DescribeRouteTableSelectionPolicies RouteSelectionPolicySet --CcnId "$id"
    pages "$id" vpc DescribeCcnRouteTables CcnRouteTableSet --Filters "[{\"Name\": \"ccn-id\", \"Values\": [\"$id\"]}]"
    for table in $(for it in DescribeCcnRouteTables."$id".*.json
      do [ -e "$it" ] && answer ids "$it" CcnRouteTableSet CcnRouteTableId; done)
    do one vpc DescribeCcnRouteTableInputPolicys "$table" --CcnId "$id" --RouteTableId "$table"; done
  done
  while read -r id kind; do
    [ "$kind" = 0 ] && old=ClassicalLB || old=   # those of the old kind have actions of their own
    one clb "Describe${old}Listeners" "$id" --LoadBalancerId "$id"
    one clb "Describe${old}Targets" "$id" --LoadBalancerId "$id"
  done < <(all clb DescribeLoadBalancers LoadBalancerSet LoadBalancerId Forward)
  for it in cdb:DescribeDBInstances:Items:mysql redis:DescribeInstances:InstanceSet:redis \
    sqlserver:DescribeDBInstances:DBInstances:sqlserver mariadb:DescribeDBInstances:Instances:mariadb \
    dcdb:DescribeDCDBInstances:Instances:dcdb
  do
    IFS=: read -r service action list product <<< "$it"
    for id in $(all "$service" "$action" "$list" InstanceId)
    do one "$service" DescribeDBSecurityGroups "$id" --InstanceId "$id" --Product "$product"; done
  done
  for id in $(all mongodb DescribeDBInstances InstanceDetails InstanceId)
  do one mongodb DescribeSecurityGroup "$id" --InstanceId "$id"; done
  for id in $(all postgres DescribeDBInstances DBInstanceSet DBInstanceId)
  do one postgres DescribeDBInstanceSecurityGroups "$id" --DBInstanceId "$id"; done
}

for R in "${REGIONS[@]}"; do collect; done
STATE=finished
