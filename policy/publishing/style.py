"""The page's style: nothing is fetched, colours are never alone, narrow screens stack, paper saves
ink."""

STYLE = """
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;font:1.0625rem/1.5 Arial,Helvetica,sans-serif;color:#0b0c0c;background:#fff}
header,main,footer{max-width:60rem;margin:0 auto;padding:1rem}
header{border-bottom:.5rem solid #1d4f91}
h1{font-size:2rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.5rem;line-height:1.25;margin:2.5rem 0 .75rem}
h3{font-size:1.25rem;margin:2rem 0 .5rem;padding-top:.5rem;border-top:2px solid #0b0c0c}
h4{font-size:1.0625rem;margin:1.25rem 0 .25rem}
p,ul,ol{margin:.25rem 0 .75rem}
li{margin:.15rem 0}
a{color:#144e81}
a:focus{outline:3px solid #0b0c0c;background:#ffdd00;color:#0b0c0c}
.skip{position:absolute;left:-999rem}
.skip:focus{left:1rem;top:1rem;padding:.5rem}
.notice{border-left:.5rem solid #1d4f91;padding:.5rem 1rem;background:#f3f2f1}
.tag{display:inline-block;padding:0 .4rem;border:2px solid;border-radius:3px;font-size:.875rem;
font-weight:700;white-space:nowrap}
.red{color:#942514;background:#fbe4e2}
.amber{color:#6b4100;background:#fdf0d5}
.green{color:#005a30;background:#e2f0e4}
.none{color:#383f43;background:#f3f2f1}
.note{color:#484949;font-size:.9375rem}
table{border-collapse:collapse;width:100%;margin:.75rem 0}
caption{text-align:left;font-weight:700;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem .4rem 0;border-bottom:1px solid #b1b4b6}
figure{margin:1rem 0}
.chart{width:100%;height:auto;font:14px Arial,Helvetica,sans-serif}
.chart.narrow{display:none;max-width:24rem}
@media (max-width:48rem){
.chart.wide{display:none}
.chart.narrow{display:block}
thead{position:absolute;left:-999rem}
table,caption,tbody,tr,th[scope=row],td{display:block;width:100%}
tr{border-bottom:2px solid #0b0c0c;padding:.5rem 0}
th[scope=row],td{border:0;padding:.1rem 0}
td::before{content:attr(data-column) ": ";font-weight:700}
}
@media print{
body{font-size:10.5pt}
nav,.skip{display:none}
header,main,footer{max-width:none;padding:0}
.clause,tr,figure{break-inside:avoid}
h2,h3,h4{break-after:avoid}
a{color:inherit;text-decoration:none}
.tag{background:none}
}
""".strip()
