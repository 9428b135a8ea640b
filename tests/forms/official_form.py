"""A form as a ministry might send it, made part by part: what programs that rewrite workbooks lose is all in it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
FORM, LISTS = "Auswertung Zeiträume", "Listen & Werte"
FORM_PART, BOOK_PART = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


def joined(text: str) -> str:
    """A part that is written over several lines."""
    return "".join(text.splitlines())


def png(red: int) -> bytes:
    """A picture of one dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    dot = zlib.compress(bytes([0, red, 80, 120]))
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", dot) + chunk(b"IEND", b"")


def relations(*targets: tuple[str, str]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{n}" Type="{RELS}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{lines}</Relationships>'


TYPES = joined(f"""{HEAD}<Types xmlns="{PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>
<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings"/>
<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/worksheets/sheet2.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/theme/theme1.xml" ContentType="application/vnd.openxmlformats-officedocument.theme+xml"/>
<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>
<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>
<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"/>
<Override PartName="/xl/metadata.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml"/>
<Override PartName="/xl/drawings/drawing1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/>
<Override PartName="/xl/charts/chart1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawingml.chart+xml"/>
<Override PartName="/xl/tables/table1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"/>
<Override PartName="/xl/comments1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"/>
<Override PartName="/xl/ctrlProps/ctrlProp1.xml" ContentType="application/vnd.ms-excel.controlproperties+xml"/>
<Override PartName="/xl/ctrlProps/ctrlProp2.xml" ContentType="application/vnd.ms-excel.controlproperties+xml"/>
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>
<Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/>
</Types>""")

ROOT_RELATIONS = joined(f"""{HEAD}<Relationships xmlns="{PACKAGE}/relationships">
<Relationship Id="rId3" Type="{RELS}/extended-properties" Target="docProps/app.xml"/>
<Relationship Id="rId2" Type="{PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>
<Relationship Id="rId1" Type="{RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>""")

BOOK = joined(f"""{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELS}"><workbookPr defaultThemeVersion="166925"/><bookViews>
<workbookView xWindow="0" yWindow="0" windowWidth="20000" windowHeight="9000"/></bookViews><sheets>
<sheet name="{FORM}" sheetId="1" r:id="rId1"/><sheet name="Listen &amp; Werte" sheetId="2" r:id="rId2"/></sheets>
<definedNames><definedName name="_xlnm.Print_Area" localSheetId="0">'{FORM}'!$A$1:$H$40</definedName>
<definedName name="_xlnm.Print_Titles" localSheetId="0">'{FORM}'!$1:$3</definedName>
<definedName name="Gespraeche">'{FORM}'!$C$7:$C$8</definedName><definedName name="Satz">1.5</definedName></definedNames>
<calcPr calcId="191029"/></workbook>""")

THEME = joined(f"""{HEAD}<a:theme xmlns:a="{DRAWING}/main" name="Amt"><a:themeElements><a:clrScheme name="Amt"><a:dk1>
<a:sysClr val="windowText" lastClr="000000"/></a:dk1><a:lt1><a:sysClr val="window" lastClr="FFFFFF"/></a:lt1><a:dk2>
<a:srgbClr val="44546A"/></a:dk2><a:lt2><a:srgbClr val="E7E6E6"/></a:lt2><a:accent1><a:srgbClr val="4472C4"/></a:accent1>
<a:accent2><a:srgbClr val="ED7D31"/></a:accent2><a:accent3><a:srgbClr val="A5A5A5"/></a:accent3><a:accent4>
<a:srgbClr val="FFC000"/></a:accent4><a:accent5><a:srgbClr val="5B9BD5"/></a:accent5><a:accent6><a:srgbClr val="70AD47"/>
</a:accent6><a:hlink><a:srgbClr val="0563C1"/></a:hlink><a:folHlink><a:srgbClr val="954F72"/></a:folHlink></a:clrScheme>
<a:fontScheme name="Amt"><a:majorFont><a:latin typeface="Arial"/><a:ea typeface=""/><a:cs typeface=""/></a:majorFont>
<a:minorFont><a:latin typeface="Arial"/><a:ea typeface=""/><a:cs typeface=""/></a:minorFont></a:fontScheme>
<a:fmtScheme name="Amt"><a:fillStyleLst><a:solidFill><a:schemeClr val="phClr"/></a:solidFill><a:solidFill>
<a:schemeClr val="phClr"/></a:solidFill><a:solidFill><a:schemeClr val="phClr"/></a:solidFill></a:fillStyleLst><a:lnStyleLst>
<a:ln w="6350"/><a:ln w="12700"/><a:ln w="19050"/></a:lnStyleLst><a:effectStyleLst><a:effectStyle><a:effectLst/>
</a:effectStyle><a:effectStyle><a:effectLst/></a:effectStyle><a:effectStyle><a:effectLst/></a:effectStyle></a:effectStyleLst>
<a:bgFillStyleLst><a:solidFill><a:schemeClr val="phClr"/></a:solidFill><a:solidFill><a:schemeClr val="phClr"/></a:solidFill>
<a:solidFill><a:schemeClr val="phClr"/></a:solidFill></a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>""")

# 0 locked text, 1 locked label in bold, 2 entry for numbers, 3 entry for days, 4 locked sum, 5 entry for texts
STYLES = joined(f"""{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy;@"/>
<numFmt numFmtId="165" formatCode="#,##0&quot; Tage&quot;"/></numFmts><fonts count="2"><font><sz val="11"/>
<name val="Arial"/></font><font><b/><sz val="11"/><name val="Arial"/></font></fonts><fills count="3"><fill>
<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill>
<patternFill patternType="solid"><fgColor rgb="FFFFFFCC"/></patternFill></fill></fills><borders count="1"><border><left/>
<right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1">
<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="6">
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="3" fontId="0" fillId="2" borderId="0" xfId="0" applyProtection="1"><protection locked="0"/></xf>
<xf numFmtId="164" fontId="0" fillId="2" borderId="0" xfId="0" applyProtection="1"><protection locked="0"/></xf>
<xf numFmtId="3" fontId="1" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="165" fontId="0" fillId="2" borderId="0" xfId="0" applyProtection="1"><protection locked="0"/></xf></cellXfs>
<cellStyles count="1"><cellStyle name="Standard" xfId="0" builtinId="0"/></cellStyles><dxfs count="1"><dxf><font>
<color rgb="FF9C0006"/></font></dxf></dxfs></styleSheet>""")

TEXTS = (
    "Kennzahlen des Integrationsmanagements",
    "Zeitraum von",
    "bis",
    "Kennzahl",
    "Anzahl",
    "Gespräche mit Einzelpersonen:",
    "Gespräche mit\nFamilien",
    "Gespräche zusammen",
    "Themen",
    "Kinder",
    "Gesundheit",
    "Weiterleitungen",
    "Stand",
)
RICH = (
    '<si><r><rPr><b/><sz val="14"/></rPr><t xml:space="preserve">Integrations</t></r><r><t>pläne</t></r>'
    '<rPh sb="0" eb="2"><t>lesart</t></rPh></si>'
)
SHARED = (
    f'{HEAD}<sst xmlns="{MAIN}" count="20" uniqueCount="{len(TEXTS) + 1}">'
    + "".join(f'<si><t xml:space="preserve">{text}</t></si>' for text in TEXTS)
    + RICH
    + "</sst>"
)

METADATA = joined(f"""{HEAD}<metadata xmlns="{MAIN}"
 xmlns:xda="http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray">
<metadataTypes count="1">
<metadataType name="XLDAPR" minSupportedVersion="120000" copy="1" pasteAll="1" pasteValues="1"
 merge="1" splitFirst="1" rowColShift="1" clearFormats="1" clearComments="1" assign="1" coerce="1" cellMeta="1"/>
</metadataTypes><futureMetadata name="XLDAPR" count="1"><bk><extLst><ext uri="{{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}}">
<xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk></futureMetadata><cellMetadata count="1"><bk>
<rc t="1" v="0"/></bk></cellMetadata></metadata>""")


def text(place: str, number: int, style: int = 0) -> str:
    return f'<c r="{place}" s="{style}" t="s"><v>{number}</v></c>'


# Row 11 lacks the cell C11, and C2 is merged over two columns.
ROWS = (
    f'<row r="1" spans="1:8" ht="24" customHeight="1">{text("A1", 0, 1)}</row>'
    f'<row r="2" spans="1:8">{text("A2", 1)}<c r="C2" s="3"/><c r="D2" s="3"/></row>'
    f'<row r="3" spans="1:8">{text("A3", 2)}<c r="C3" s="3"/><c r="E3"><f>C3-C2+1</f><v>1</v></c></row>'
    f'<row r="5" spans="1:8">{text("A5", 3, 1)}{text("C5", 4, 1)}</row>'
    f'<row r="7" spans="1:8">{text("A7", 5)}<c r="C7" s="2"/><c r="E7"><f t="shared" ref="E7:E8" si="0">C7*Satz</f><v>0</v></c></row>'
    f'<row r="8" spans="1:8">{text("A8", 6)}<c r="C8" s="2"><v>0</v></c><c r="E8"><f t="shared" si="0"/><v>0</v></c></row>'
    f'<row r="9" spans="1:8">{text("A9", 7)}<c r="C9" s="4"><f>SUM(Gespraeche)</f><v>0</v></c>'
    f'<c r="E9" t="str"><f>IF(C9&gt;0,"gefüllt &amp; gut","leer")</f><v>leer</v></c></row>'
    f'<row r="10" spans="1:8">{text("A10", 8, 1)}<c r="E10"><f t="array" ref="E10">SUM(C7:C8*{{2;1}})</f><v>0</v></c></row>'
    f'<row r="11" spans="1:8" s="2" customFormat="1">{text("A11", 9)}</row>'
    f'<row r="12" spans="1:8">{text("A12", 10)}<c r="C12" s="2"/><c r="E12" t="e"><f>C9/C12</f><v>#DIV/0!</v></c></row>'
    f'<row r="13" spans="1:8">{text("A13", 11, 1)}<c r="G13" cm="1">'
    f'<f t="array" ref="G13:G15">_xlfn.SORT(C7:C9,1,-1)</f><v>0</v></c></row>'
    '<row r="14" spans="1:8"><c r="G14"><v>0</v></c></row>'
    f'<row r="15" spans="1:8">{text("A15", 10)}<c r="C15" s="2"/><c r="G15"><v>0</v></c></row>'
    f'<row r="16" spans="1:8">{text("A16", 13)}<c r="C16" s="2"/></row>'
    f'<row r="18"><c r="A18" t="inlineStr"><is><r><t>Kreis </t></r><r><t>(Name)</t></r></is></c>'
    f'<c r="C18" s="5" t="inlineStr"><is><t>…</t></is></c></row>'
    '<row r="20"><c r="A20" t="inlineStr"><is><t>Monat</t></is></c><c r="B20" t="inlineStr"><is><t>Soll</t></is></c></row>'
    '<row r="21"><c r="A21" t="inlineStr"><is><t>Januar</t></is></c><c r="B21" s="2"><v>3</v></c></row>'
    '<row r="22"><c r="A22" t="inlineStr"><is><t>Summe</t></is></c><c r="B22"><f>SUBTOTAL(109,Monate[Soll])</f><v>3</v></c></row>'
)

SPARKLINES = "".join(
    f"<x14:sparkline><xm:f>'{FORM}'!C{n}:E{n}</xm:f><xm:sqref>H{n}</xm:sqref></x14:sparkline>"
    for n in range(7, 13)
)
FORM_SHEET = joined(f"""{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{RELS}"
 xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
 mc:Ignorable="x14ac" xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac">
<sheetPr><tabColor rgb="FF00B050"/><pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="A1:H22"/><sheetViews>
<sheetView tabSelected="1" workbookViewId="0"><pane ySplit="5" topLeftCell="A6" activePane="bottomLeft" state="frozen"/>
</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15" x14ac:dyDescent="0.25"/><cols>
<col min="1" max="1" width="40" customWidth="1"/><col min="2" max="2" width="9" hidden="1" customWidth="1"/>
<col min="3" max="3" width="14" style="2" customWidth="1"/></cols><sheetData>{ROWS}</sheetData>
<sheetProtection algorithmName="SHA-512" hashValue="AAAA" saltValue="BBBB" spinCount="100000" sheet="1" objects="1" scenarios="1"/>
<mergeCells count="1"><mergeCell ref="C2:D2"/></mergeCells><conditionalFormatting sqref="C7:C8">
<cfRule type="cellIs" dxfId="0" priority="1" operator="lessThan"><formula>0</formula></cfRule></conditionalFormatting>
<conditionalFormatting sqref="C11:C12"><cfRule type="colorScale" priority="2"><colorScale><cfvo type="min"/>
<cfvo type="max"/><color rgb="FFFFFFFF"/><color rgb="FF63BE7B"/></colorScale></cfRule></conditionalFormatting>
<conditionalFormatting sqref="C15"><cfRule type="dataBar" priority="3"><dataBar><cfvo type="min"/><cfvo type="max"/>
<color rgb="FF638EC6"/></dataBar><extLst><ext xmlns:x14="{X14}" uri="{{B025F937-C7B1-47D3-B67F-A62EFF666E3E}}">
<x14:id>{{00000000-0000-0000-0000-000000000001}}</x14:id></ext></extLst></cfRule></conditionalFormatting>
<conditionalFormatting sqref="C16"><cfRule type="expression" dxfId="0" priority="4"><formula>C16&gt;1000</formula></cfRule>
</conditionalFormatting><dataValidations count="3">
<dataValidation type="whole" allowBlank="1" showErrorMessage="1" sqref="C7:C16"><formula1>0</formula1>
<formula2>999999</formula2></dataValidation><dataValidation type="date" operator="greaterThan" sqref="C2:C3">
<formula1>36526</formula1></dataValidation><dataValidation type="list" sqref="H1">
<formula1>'Listen &amp; Werte'!$A$1:$A$2</formula1></dataValidation></dataValidations>
<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>
<pageSetup paperSize="9" orientation="portrait" r:id="rId1"/><headerFooter>
<oddHeader>&amp;L&amp;G&amp;RSeite &amp;P</oddHeader></headerFooter><ignoredErrors>
<ignoredError sqref="C9" formulaRange="1"/></ignoredErrors><drawing r:id="rId2"/><legacyDrawing r:id="rId3"/>
<legacyDrawingHF r:id="rId4"/><mc:AlternateContent><mc:Choice Requires="x14"><controls>
<control shapeId="1026" r:id="rId5" name="Knopf 2"/><control shapeId="1027" r:id="rId6" name="Haken 3"/></controls>
</mc:Choice></mc:AlternateContent><tableParts count="1"><tablePart r:id="rId7"/></tableParts><extLst>
<ext xmlns:x14="{X14}" uri="{{05C60535-1F16-4fd2-B633-F4F36F0B64E0}}">
<x14:sparklineGroups xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">
<x14:sparklineGroup displayEmptyCellsAs="gap"><x14:colorSeries rgb="FF376092"/><x14:sparklines>{SPARKLINES}</x14:sparklines>
</x14:sparklineGroup></x14:sparklineGroups></ext></extLst></worksheet>""")

LIST_SHEET = joined(f"""{HEAD}<worksheet xmlns="{MAIN}"><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>ja</t></is></c></row>
<row r="2"><c r="A2" t="inlineStr"><is><t>nein</t></is></c></row></sheetData></worksheet>""")

PICTURE_PLACE = (
    "<xdr:from><xdr:col>5</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{0}</xdr:row>"
    "<xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:to><xdr:col>7</xdr:col><xdr:colOff>0</xdr:colOff>"
    "<xdr:row>{1}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>"
)
DRAWN = joined(f"""{HEAD}<xdr:wsDr xmlns:xdr="{DRAWING}/spreadsheetDrawing" xmlns:a="{DRAWING}/main" xmlns:r="{RELS}">
<xdr:twoCellAnchor>{PICTURE_PLACE.format(0, 2)}<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="Wappen"/><xdr:cNvPicPr/>
</xdr:nvPicPr><xdr:blipFill><a:blip r:embed="rId1"/><a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr>
<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic><xdr:clientData/></xdr:twoCellAnchor>
<xdr:twoCellAnchor>{PICTURE_PLACE.format(23, 32)}<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr>
<xdr:cNvPr id="3" name="Diagramm"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/>
<a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic><a:graphicData uri="{DRAWING}/chart">
<c:chart xmlns:c="{DRAWING}/chart" r:id="rId2"/></a:graphicData></a:graphic></xdr:graphicFrame><xdr:clientData/>
</xdr:twoCellAnchor><xdr:twoCellAnchor>{PICTURE_PLACE.format(33, 36)}<xdr:sp macro="" textlink=""><xdr:nvSpPr>
<xdr:cNvPr id="4" name="Textfeld"/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr><xdr:spPr><a:prstGeom prst="rect"><a:avLst/>
</a:prstGeom></xdr:spPr><xdr:txBody><a:bodyPr/><a:p><a:r><a:rPr lang="de-DE"/><a:t>Bitte bis 31. März einreichen</a:t></a:r>
</a:p></xdr:txBody></xdr:sp><xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>""")

CHART = joined(f"""{HEAD}<c:chartSpace xmlns:c="{DRAWING}/chart" xmlns:a="{DRAWING}/main"><c:chart><c:plotArea><c:layout/><c:barChart>
<c:barDir val="col"/><c:grouping val="clustered"/><c:ser><c:idx val="0"/><c:order val="0"/><c:val><c:numRef>
<c:f>'{FORM}'!$C$7:$C$8</c:f></c:numRef></c:val></c:ser><c:axId val="1"/><c:axId val="2"/></c:barChart><c:catAx>
<c:axId val="1"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/><c:axPos val="b"/>
<c:crossAx val="2"/></c:catAx><c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/></c:scaling>
<c:delete val="0"/><c:axPos val="l"/><c:crossAx val="1"/></c:valAx></c:plotArea></c:chart></c:chartSpace>""")


def vml(shape: int, kind: str, name: str) -> str:
    return (
        f'<v:shape id="_x0000_s{shape}" type="#_x0000_t201" style="position:absolute">'
        f'<x:ClientData ObjectType="{kind}"><x:Anchor>5, 0, 18, 0, 6, 0, 19, 0</x:Anchor><x:Row>6</x:Row>'
        f"<x:Column>2</x:Column></x:ClientData></v:shape><!--{name}-->"
    )


VML_HEAD = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel">'
)
COMMENTS = joined(f"""{HEAD}<comments xmlns="{MAIN}"><authors><author>Ministerium</author></authors><commentList>
<comment ref="C7" authorId="0">
<text><r><rPr><b/></rPr><t>Hinweis: </t></r><r><t>ohne Gruppen</t></r></text></comment></commentList></comments>""")
TABLE = joined(f"""{HEAD}<table xmlns="{MAIN}" id="1" name="Monate" displayName="Monate"
 ref="A20:B22" totalsRowCount="1">
<autoFilter ref="A20:B21"/><tableColumns count="2"><tableColumn id="1" name="Monat" totalsRowLabel="Summe"/>
<tableColumn id="2" name="Soll" totalsRowFunction="sum"/></tableColumns>
<tableStyleInfo name="TableStyleMedium2" showFirstColumn="0" showLastColumn="0" showRowStripes="1" showColumnStripes="0"/>
</table>""")
CHAIN = (
    f'{HEAD}<calcChain xmlns="{MAIN}">'
    + "".join(
        f'<c r="{place}" i="1"/>'
        for place in ("E3", "E7", "E8", "C9", "E9", "E10", "E12", "G13", "B22")
    )
    + "</calcChain>"
)
CONTROL = f'{HEAD}<formControlPr xmlns="{X14}" objectType="{{}}" lockText="1"/>'


def form_parts() -> dict[str, bytes]:
    """The 27 parts of the form, by name."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": ROOT_RELATIONS,
        BOOK_PART: BOOK,
        "xl/_rels/workbook.xml.rels": relations(
            ("worksheet", "worksheets/sheet1.xml"),
            ("worksheet", "/xl/worksheets/sheet2.xml"),
            ("theme", "theme/theme1.xml"),
            ("styles", "styles.xml"),
            ("sharedStrings", "sharedStrings.xml"),
            ("sheetMetadata", "metadata.xml"),
            ("calcChain", "calcChain.xml"),
        ),
        FORM_PART: FORM_SHEET,
        "xl/worksheets/sheet2.xml": LIST_SHEET,
        "xl/worksheets/_rels/sheet1.xml.rels": relations(
            ("printerSettings", "../printerSettings/printerSettings1.bin"),
            ("drawing", "../drawings/drawing1.xml"),
            ("vmlDrawing", "../drawings/vmlDrawing1.vml"),
            ("vmlDrawing", "../drawings/vmlDrawing2.vml"),
            ("ctrlProp", "../ctrlProps/ctrlProp1.xml"),
            ("ctrlProp", "../ctrlProps/ctrlProp2.xml"),
            ("table", "../tables/table1.xml"),
            ("comments", "../comments1.xml"),
        ),
        "xl/theme/theme1.xml": THEME,
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": SHARED,
        "xl/metadata.xml": METADATA,
        "xl/calcChain.xml": CHAIN,
        "xl/drawings/drawing1.xml": DRAWN,
        "xl/drawings/_rels/drawing1.xml.rels": relations(
            ("image", "../media/image1.png"), ("chart", "../charts/chart1.xml")
        ),
        "xl/charts/chart1.xml": CHART,
        "xl/drawings/vmlDrawing1.vml": VML_HEAD
        + vml(1025, "Note", "Hinweis")
        + vml(1026, "Button", "Knopf")
        + vml(1027, "Checkbox", "Haken")
        + "</xml>",
        "xl/drawings/vmlDrawing2.vml": VML_HEAD
        + '<v:shape id="LH" o:spid="_x0000_s2049" type="#_x0000_t75" style="width:20pt;height:20pt">'
        '<v:imagedata o:relid="rId1"/></v:shape></xml>',
        "xl/drawings/_rels/vmlDrawing2.vml.rels": relations(("image", "../media/image2.png")),
        "xl/media/image1.png": png(200),
        "xl/media/image2.png": png(20),
        "xl/comments1.xml": COMMENTS,
        "xl/tables/table1.xml": TABLE,
        "xl/ctrlProps/ctrlProp1.xml": CONTROL.format("Button"),
        "xl/ctrlProps/ctrlProp2.xml": CONTROL.format("CheckBox"),
        "xl/printerSettings/printerSettings1.bin": bytes(range(256)),
        "docProps/core.xml": (
            f'{HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:creator>Ministerium</dc:creator></cp:coreProperties>"
        ),
        "docProps/app.xml": (
            f'{HEAD}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
            f"<Application>Microsoft Excel</Application></Properties>"
        ),
    }
    return {n: part.encode() if isinstance(part, str) else part for n, part in parts.items()}


def pack(parts: Mapping[str, bytes]) -> bytes:
    """The parts as a workbook, compressed as Excel does."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def changed_form(*changes: tuple[str, str], part: str = FORM_PART) -> bytes:
    """The form with texts of one part replaced, each of which must be there."""
    parts = form_parts()
    content = parts[part].decode()
    for old, new in changes:
        assert old in content, old
        content = content.replace(old, new)
    return pack({**parts, part: content.encode()})


def unpack(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
